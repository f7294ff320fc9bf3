import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.errors import ProfileError
from pytest_energy.power.profile import GENERIC, all_profiles, profile_named

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


@pytest.fixture
def own(tmp_path):
    """Write a profile with one line replaced, and return its path."""

    def write(before="", after=""):
        assert before in OWN
        path = tmp_path / "own.toml"
        path.write_text(OWN.replace(before, after) if before else OWN, encoding="utf-8")
        return str(path)

    return write


def test_a_generic_processor_and_five_hosted_runners_ship():
    assert [profile.id for profile in all_profiles()] == [
        GENERIC,
        "github-macos-m1",
        "github-x64-2vcpu",
        "github-x64-4vcpu",
        "gitlab-medium-x64",
        "gitlab-small-x64",
    ]


@pytest.mark.parametrize("profile", all_profiles(), ids=lambda profile: profile.id)
def test_every_shipped_figure_has_a_source_and_a_band(profile):
    assert all(text.strip() for text in (profile.boundary, *profile.source, *profile.memory.source))
    assert profile.band_low < 1 < profile.band_high
    assert profile.memory.low < profile.memory.w_per_gib < profile.memory.high
    assert profile_named(profile.id) is profile


@pytest.mark.parametrize(
    "profile", [one for one in all_profiles() if one.id != GENERIC], ids=lambda profile: profile.id
)
def test_a_runner_is_billed_its_share_and_never_a_whole_socket(profile):
    assert profile.cpu.vcpus is not None
    share_w = profile.power_w(1.0) * profile.cpu.vcpus / profile.cpu.units
    assert share_w < 20
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
        ProfileError, match=r"'github-x64'\. Did you mean 'github-x64-[24]vcpu'\? Known: generic"
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
