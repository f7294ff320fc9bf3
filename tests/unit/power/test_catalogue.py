from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.errors import ProfileError
from pytest_energy.power.catalogue import (
    accelerator_named,
    all_accelerators,
    all_profiles,
    any_profile,
    everything,
    profile_named,
    profiles_in,
)
from pytest_energy.power.profile import GENERIC, AcceleratorProfile, PowerProfile
from pytest_energy.power.profile_file import parse_profiles

OWN = """
id = "build-server"
name = "our build server"

[cpu]
model = "AMD Ryzen 7 5700X"
unit = "core"
units = 8
threads_per_unit = 2

[power]
load = "threads"
curve = [[0.0, 8.0], [0.1, 20.0], [0.5, 49.0], [1.0, 66.0]]
band = [0.7, 1.3]
boundary = "processor package"
source = ["measured here"]

[memory]
w_per_gib = 0.38
band = [0.13, 1.1]
source = ["data sheet"]
"""

COLLECTION = """
[sources]
meter = "our meter, 2026"

[[profile]]
id = "card-one"
name = "one"
accelerator = { rated_w = 300, idle_w = 20, boundary = "board", source = ["meter", "data sheet"] }

[[profile]]
id = "card-two"
name = "two"
[profile.accelerator]
rated_w = 200
idle_w = 20
saturated_w = 180
band = [0.9, 1.1]
boundary = "board"
source = ["meter"]
"""


@pytest.fixture
def own(tmp_path):
    """Write a profile with one line replaced, and return its path."""

    def write(before="", after=""):
        assert before in OWN
        path = tmp_path / "own.toml"
        path.write_text(OWN.replace(before, after) if before else OWN, encoding="utf-8")
        return str(path)

    return write


SHIPPED = resources.files("pytest_energy.power").joinpath("profiles")
FILES = sorted(file.name for file in SHIPPED.iterdir() if file.name.endswith(".toml"))


def test_processors_boards_runners_instances_and_accelerators_ship():
    kinds = {type(profile) for profile in everything()}
    assert kinds == {PowerProfile, AcceleratorProfile}
    assert len(all_profiles()) >= 160
    assert len(all_accelerators()) >= 80
    assert {GENERIC, "github-x64-4vcpu", "aws-c5.large", "raspberry-pi-4", "amd-epyc-7763"} <= {
        profile.id for profile in all_profiles()
    }


def test_no_name_stands_for_two_devices():
    names = [name for profile in everything() for name in (profile.id, *profile.aliases)]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("file", FILES)
def test_every_file_that_ships_is_as_valid_as_a_users_must_be(file):
    parse_profiles(SHIPPED.joinpath(file).read_text(encoding="utf-8"), file)


def test_all_data_that_ships_is_small():
    assert sum(len(SHIPPED.joinpath(file).read_bytes()) for file in FILES) < 150_000


@pytest.mark.parametrize("profile", all_accelerators(), ids=lambda profile: profile.id)
def test_an_accelerator_draws_more_when_busy_and_says_where_its_figures_come_from(profile):
    assert 0 <= profile.idle_w < profile.power_w(0.5) < profile.power_w(1.0) <= profile.rated_w * 1.01
    for utilisation in (None, 0.0, 1.0):
        low, high = profile.band_at(utilisation)
        assert low < 1 <= high
    assert all(text.strip() for text in (profile.boundary, *profile.source))


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("Tesla T4", "nvidia-t4"),
        ("NVIDIA H100 80GB HBM3", "nvidia-h100-sxm5-80-gb"),
        ("NVIDIA A100-SXM4-40GB", "nvidia-a100-sxm4-40-gb"),
        ("NVIDIA GeForce RTX 4090", "nvidia-geforce-rtx-4090"),
        ("AMD Instinct MI300X", "amd-radeon-instinct-mi300x"),
    ],
)
def test_an_accelerator_is_found_by_the_name_that_its_driver_gives(name, profile):
    found = accelerator_named(name)
    assert found is not None
    assert found.id == profile


@pytest.mark.parametrize("name", ["NVIDIA H100 80GB", "NVIDIA RTX 4090 Laptop GPU", "T4 G", ""])
def test_no_accelerator_is_found_by_a_name_that_is_only_alike(name):
    assert accelerator_named(name) is None


def test_where_only_the_rated_power_is_known_the_generic_model_makes_the_curve(own):
    path = own("curve = [[0.0, 8.0], [0.1, 20.0], [0.5, 49.0], [1.0, 66.0]]", "")
    text = Path(path).read_text(encoding="utf-8")
    power = text[text.index("[power]") : text.index("[memory]")]
    Path(path).write_text(text.replace(power, '[tdp]\nw = 65\nsource = ["data sheet"]\n'), encoding="utf-8")
    profile = profile_named(path)
    assert profile.rated_w == 65
    assert profile.power_w(0.0) == pytest.approx(65 * 0.12)
    assert 0.8 * 65 < profile.power_w(1.0) < 65
    assert profile.source == ("curve: the generic model", "data sheet")
    assert profile.band_low < 0.7
    assert profile.band_high > 1.4


def test_a_desktop_that_sustains_more_than_its_tdp_is_curved_by_what_it_sustains():
    profile = profile_named("intel-core-i9-13900k")
    assert (profile.rated_w, profile.limit_w) == (125, 253)
    assert 0.8 * 253 < profile.power_w(1.0) < 253


def test_a_collection_names_its_sources_once(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(COLLECTION, encoding="utf-8")
    found = profiles_in(path)
    assert [one.id for one in found] == ["card-one", "card-two"]
    assert found[0].source == ("our meter, 2026", "data sheet")
    with pytest.raises(ProfileError, match=r"holds 2 profiles: card-one, card-two\. Put the one"):
        any_profile(str(path))


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "idle_w = 20",
            "idle_w = 400",
            r"two\.toml, card-one: accelerator\.idle_w is 400, more than the 300 W",
        ),
        ("idle_w = 20", "idle_w = -1", r"accelerator\.idle_w is -1, but it must be the power in watts"),
        ("[sources]", "[source]", r"the key 'source' is unknown beside \[\[profile\]\]"),
        ('meter = "our meter, 2026"', "meter = 3", r"sources must be a table"),
        ("[[profile]]", "[profile]", r"profile must be one table or more"),
        ('"meter", "data', '" ", "data', r"accelerator\.source is \" \""),
        ('name = "one"', "", r"two\.toml, card-one: name is missing"),
        ("accelerator = { rated_w = 300", "tdp = { w = 9 }\naccelerator = { rated_w = 300", r"tdp\.source"),
    ],
)
def test_a_faulty_collection_names_the_profile_and_what_is_wrong(tmp_path, before, after, message):
    path = tmp_path / "two.toml"
    assert before in COLLECTION
    count = 1 if before != "[[profile]]" else 2
    text = COLLECTION.replace(before, after, count)
    if before == "[[profile]]":
        text = text[: text.rindex("[profile]")]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=message):
        profiles_in(path)


def test_the_profile_of_an_accelerator_is_none_for_the_processor():
    with pytest.raises(ProfileError, match=r"'nvidia-t4' is the profile of an accelerator"):
        profile_named("nvidia-t4")


def test_packages_of_others_bring_profiles_by_entry_point(tmp_path, monkeypatch):
    package = tmp_path / "our_profiles"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "cards.toml").write_text(COLLECTION, encoding="utf-8")
    info = tmp_path / "our_profiles-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: our-profiles\nVersion: 1\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        "[pytest_energy.profiles]\nours = our_profiles\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    everything.cache_clear()
    try:
        found = any_profile("card-two")
        assert isinstance(found, AcceleratorProfile)
        assert (found.rated_w, found.origin) == (200, "our_profiles")
        (package / "cards.toml").write_text(COLLECTION.replace("card-one", "nvidia-t4"), encoding="utf-8")
        everything.cache_clear()
        with pytest.raises(ProfileError, match=r"'nvidia-t4' is that of two power profiles, .*our_profiles"):
            everything()
    finally:
        everything.cache_clear()


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.id)
def test_every_shipped_figure_has_a_source_and_a_band(profile):
    assert all(text.strip() for text in (profile.boundary, *profile.source, *profile.memory.source))
    assert profile.band_low < 1 < profile.band_high
    assert profile.memory.low < profile.memory.w_per_gib < profile.memory.high
    assert profile_named(profile.id) == profile


@pytest.mark.parametrize(
    "profile",
    [one for one in all_profiles() if not one.follows_threads and one.id != GENERIC],
    ids=lambda profile: profile.id,
)
def test_a_share_is_billed_what_it_has_and_never_a_whole_socket(profile):
    assert 0.8 < profile.power_w(1.0) / profile.cpu.units < 10
    assert profile.signature is not None


def test_the_runner_of_github_draws_what_its_hosts_share_out():
    profile = profile_named("github-x64-4vcpu")
    idle_w, full_w = (profile.power_w(load) * 4 / 128 for load in (0.0, 1.0))
    assert (idle_w, full_w) == pytest.approx((1.68, 7.94), abs=0.01)


def test_a_profile_of_ones_own_is_read_from_its_file(own):
    profile = profile_named(own())
    assert (profile.id, profile.cpu.threads_per_unit, profile.follows_threads) == ("build-server", 2, True)
    assert profile.signature is None


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_curve_passes_through_its_points_and_never_falls(one, other):
    profile = profile_named("github-x64-4vcpu")
    assert [profile.power_w(load) for load, _ in profile.curve] == [watts for _, watts in profile.curve]
    low, high = sorted((one, other))
    assert profile.power_w(low) <= profile.power_w(high)


def test_between_points_a_curve_is_straight(own):
    assert profile_named(own()).power_w(0.3) == pytest.approx(34.5)


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(
        ProfileError, match=r"'github-x64'\. Did you mean 'github-x64-[24]vcpu' or .* profiles list shows"
    ):
        profile_named("github-x64")


def test_a_missing_file_is_named():
    with pytest.raises(ProfileError, match=r"nowhere\.toml cannot be read: No such file"):
        profile_named("nowhere.toml")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[cpu]", "[cpu", r"own\.toml is not TOML"),
        ("[0.0, 8.0]", "[0.0, -8.0]", r"power\.curve is -8\.0, but it must be watts from 0 to 100000"),
        ("[0.5, 49.0]", "[0.5, 15.0]", r"falls from 20 W at load 0\.1 to 15 W at load 0\.5"),
        ("[0.5, 49.0]", "[0.05, 49.0]", r"in order of load"),
        ("[0.0, 8.0], ", "", r"begin at load 0 and end at load 1"),
        ("66.0", "nan", r"nan or infinite"),
        ("66.0", "inf", r"power\.curve is Infinity"),
        ("[0.0, 8.0]", '"idle"', r"power\.curve is \"idle\", but it must be a point \[load, W\]"),
        (
            "[[0.0, 8.0], [0.1, 20.0], [0.5, 49.0], [1.0, 66.0]]",
            "[[0.0, 0.0], [1.0, 0.0]]",
            r"full load draws 0 W",
        ),
        ('source = ["measured here"]\n', "", r"power\.source is missing. Add a list that names where"),
        ('["measured here"]', "[]", r"power\.source is \[\], but it must be a list that names where"),
        ('["data sheet"]', '[" "]', r"memory\.source is \" \", but it must be the name of a source"),
        ("band = [0.7, 1.3]", "band = [1.1, 1.3]", r"power\.band .* must enclose 1"),
        (
            "band = [0.7, 1.3]",
            "band = 1",
            r"power\.band is 1, but it must be the lowest and the highest factor",
        ),
        ("w_per_gib = 0.38", "w_per_gib = 3.8", r"memory\.band .* must enclose w_per_gib"),
        ("units = 8", "units = 0", r"cpu\.units is 0, but it must be the whole number of cores"),
        ("units = 8", "units = 8\nvcpus = 9", r"cpu\.vcpus is 9, but the curve is for 8 units"),
        ("units = 8", "unit_count = 8", r"cpu\.units is missing"),
        ("boundary =", 'colour = "red"\nboundary =', r"'power\.colour' is unknown\. Known here: load, curve"),
        ('name = "our', 'nam = "x"\nname = "our', r"'nam' is unknown\. Did you mean 'name'\?"),
        ('"build-server"', '"generic-cpu"', r"belongs to a profile that ships .* Choose another"),
        ('"build-server"', '"My Server"', r"id is \"My Server\", but it must be a short name"),
    ],
)
def test_a_faulty_profile_says_what_is_wrong_with_it(own, before, after, message):
    with pytest.raises(ProfileError, match=message) as raised:
        profile_named(own(before, after))
    assert "own.toml" in str(raised.value)
