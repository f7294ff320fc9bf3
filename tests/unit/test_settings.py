from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.errors import SettingsError
from pytest_energy.gate.policy import TOLERANCE
from pytest_energy.gate.verdict import Kind
from pytest_energy.options import OPTIONS
from pytest_energy.quantities import MemorySize, parse_fraction
from pytest_energy.setting_values import _READERS, _REFINERS
from pytest_energy.settings import DEFAULT_TIME_S, read_project, read_settings

ROOT = Path("/project")
HERE = Path("/project/deep")


def read(flags=None, project=None, root=ROOT, invocation_dir=HERE):
    return read_settings(flags or {}, project or {}, root, invocation_dir)


def refusal(**given):
    with pytest.raises(SettingsError) as caught:
        read(**given)
    return str(caught.value)


def test_without_any_setting_the_built_in_values_hold():
    settings = read()
    assert settings.baselines == ROOT / "baselines"
    assert settings.fail_on == {Kind.REGRESSED}
    assert (settings.update, settings.strict) == (False, False)
    assert (settings.models, settings.providers, settings.default_providers) == ((), (), ())
    assert (settings.tolerance, settings.time_s) == (None, None)
    assert (settings.reason, settings.profile, settings.region, settings.intensity) == (None,) * 4
    assert (settings.json, settings.markdown) == (None, None)
    assert (settings.pue.value, settings.timeout_s) == (1.0, 300.0)
    assert settings.memory == MemorySize(share=0.75)
    assert settings.root == ROOT


def test_the_table_of_options_tells_the_defaults_that_hold_elsewhere():
    defaults = {option.name: option.default for option in OPTIONS}
    assert defaults["time"] == DEFAULT_TIME_S
    assert parse_fraction(defaults["tolerance"]) == TOLERANCE


def test_every_kind_of_option_has_one_reader():
    assert set(_READERS) == {option.kind for option in OPTIONS}
    assert set(_REFINERS) < {option.name for option in OPTIONS}


def test_every_flag_is_read():
    settings = read(
        flags={
            "energy": True,
            "update": True,
            "reason": " a better model ",
            "baselines": "kept",
            "tolerance": "3%",
            "fail-on": "regressed, NEW",
            "strict": True,
            "provider": ["OpenVINOExecutionProvider", "cpu"],
            "profile": "generic",
            "region": "FR",
            "intensity": "40.5",
            "pue": "1.2",
            "time": "2",
            "timeout": "60",
            "memory": "8 GiB",
            "json": "out/results.json",
            "markdown": "/elsewhere/report.md",
        }
    )
    assert settings.update
    assert settings.reason == "a better model"
    assert settings.baselines == HERE / "kept"
    assert settings.tolerance == pytest.approx(0.03)
    assert settings.fail_on == {Kind.REGRESSED, Kind.NEW}
    assert settings.strict
    assert settings.providers == ("openvino", "cpu")
    assert (settings.profile, settings.region, settings.intensity) == ("generic", "FR", 40.5)
    assert (settings.pue.value, settings.time_s, settings.timeout_s) == (1.2, 2.0, 60.0)
    assert settings.memory == MemorySize(size_bytes=8 << 30)
    assert settings.json == HERE / "out/results.json"
    assert settings.markdown == Path("/elsewhere/report.md")


def test_every_key_of_the_project_is_read():
    settings = read(
        project={
            "models": ["models/*.onnx"],
            "baselines": "kept",
            "tolerance": "3%",
            "fail-on": "regressed,new,inconclusive,incomparable",
            "strict": True,
            "provider": ["CPU"],
            "profile": "generic",
            "region": "FR",
            "intensity": 40,
            "pue": 1.2,
            "time": 2,
            "timeout": 60,
            "memory": "50%",
            "json": "results.json",
            "markdown": "report.md",
        }
    )
    assert settings.models == ("models/*.onnx",)
    assert settings.baselines == ROOT / "kept"
    assert settings.tolerance == pytest.approx(0.03)
    assert settings.fail_on == {Kind.REGRESSED, Kind.NEW, Kind.INCONCLUSIVE, Kind.INCOMPARABLE}
    assert settings.strict
    assert (settings.providers, settings.default_providers) == ((), ("cpu",))
    assert (settings.profile, settings.region, settings.intensity) == ("generic", "FR", 40.0)
    assert (settings.pue.value, settings.time_s, settings.timeout_s) == (1.2, 2.0, 60.0)
    assert settings.memory == MemorySize(share=0.5)
    assert settings.json == ROOT / "results.json"
    assert settings.markdown == ROOT / "report.md"


def test_a_flag_beats_the_project():
    settings = read(
        flags={"tolerance": "2%", "pue": "1.1", "baselines": "mine"},
        project={"tolerance": "9%", "pue": 1.9, "baselines": "theirs"},
    )
    assert settings.tolerance == pytest.approx(0.02)
    assert settings.pue.value == 1.1
    assert settings.baselines == HERE / "mine"


@pytest.mark.parametrize(
    ("flag", "override", "project", "wanted"),
    [
        ("2%", 0.03, "4%", 0.02),
        ("2%", None, "4%", 0.02),
        ("0%", 0.03, "4%", 0.0),
        (None, 0.03, "4%", 0.03),
        (None, 0.0, "4%", 0.0),
        (None, None, "4%", 0.04),
        (None, None, None, 0.15),
    ],
)
def test_the_tolerance_comes_from_flag_then_suite_then_project_then_the_built_in(
    flag, override, project, wanted
):
    flags = {"tolerance": flag} if flag else {}
    table = {"tolerance": project} if project else {}
    assert read(flags, table).tolerance_for(override, 0.15) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("flag", "override", "project", "wanted"),
    [("2", 3.0, 4, 2.0), (None, 3.0, 4, 3.0), (None, None, 4, 4.0), (None, None, None, DEFAULT_TIME_S)],
)
def test_the_time_comes_from_flag_then_suite_then_project_then_the_built_in(flag, override, project, wanted):
    flags = {"time": flag} if flag else {}
    table = {"time": project} if project else {}
    assert read(flags, table).time_for(override) == wanted


def test_a_region_on_the_command_line_is_not_hidden_by_an_intensity_in_the_project():
    settings = read(flags={"region": "PL"}, project={"intensity": 40})
    assert (settings.region, settings.intensity) == ("PL", None)


def test_an_intensity_is_kept_beside_a_region_from_the_same_place():
    settings = read(flags={"region": "PL", "intensity": "40"})
    assert (settings.region, settings.intensity) == ("PL", 40.0)


def test_a_profile_file_is_found_beside_pyproject_from_any_folder(tmp_path):
    (tmp_path / "machine.json").write_text("{}", encoding="utf-8")
    settings = read(project={"profile": "machine.json"}, root=tmp_path, invocation_dir=tmp_path / "deep")
    assert settings.profile == str(tmp_path / "machine.json")


def test_an_unknown_key_is_named_with_the_nearest_one():
    message = refusal(project={"tolerence": "5%"})
    assert message.startswith(
        "[tool.pytest-energy]: the key 'tolerence' is unknown. Did you mean 'tolerance'?"
    )


def test_an_unknown_key_is_never_answered_with_one_that_may_not_be_in_a_file():
    assert "'reason'" not in refusal(project={"reasons": "because"})


@pytest.mark.parametrize("key", ["energy", "update", "reason"])
def test_what_disarms_the_gate_is_refused_in_the_project_and_told_why(key):
    message = refusal(project={key: True})
    assert (
        f"[tool.pytest-energy]: {key!r} may not be set in a file, for it would hold for every run" in message
    )
    assert "--energy" in message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("tolerance", "-5%", "must be a percentage of 0 or more"),
        ("tolerance", "nan", "is not a percentage"),
        ("tolerance", "0.05", "may mean 0.05% or 5%"),
        ("fail-on", "regresed", "'regresed' is no verdict that can fail. Name some of: regressed, new"),
        ("fail-on", "passed", "'passed' is no verdict that can fail"),
        ("fail-on", "regressed,", "'' is no verdict"),
        ("provider", ["gpu"], "No execution provider is named 'gpu'"),
        ("provider", [""], "is not empty"),
        ("ep-library", ["lib.so"], "'lib.so' must be NAME=PATH"),
        ("ep-library", ["a--b=lib.so"], "must be NAME=PATH"),
        ("ep-library", ["mine="], "must be NAME=PATH"),
        ("ep-library", ["mine=nowhere.so"], f"there is no file {HERE / 'nowhere.so'}"),
        ("intensity", "-1", "0 or from 1 to 2500"),
        ("intensity", "2501", "0 or from 1 to 2500"),
        ("intensity", "nan", "0 or from 1 to 2500"),
        ("intensity", "dirty", "'dirty' must be a number"),
        ("pue", "0.9", "from 1 to 10"),
        ("pue", "nan", "from 1 to 10"),
        ("pue", "inf", "from 1 to 10"),
        ("pue", "asw", "Did you mean aws"),
        ("intensity", "0.458", "looks like kilograms: 0.458 kg are 458 g"),
        ("intensity", "458000", "458000 g/MWh are 458 g/kWh"),
        ("time", "0", "from 0.001 to 86400 seconds"),
        ("time", "-1", "seconds"),
        ("timeout", "0", "seconds"),
        ("json", "", "is not empty"),
        ("profile", " ", "is not empty"),
    ],
)
def test_a_flag_that_cannot_be_used_is_named(name, value, said):
    message = refusal(flags={name: value})
    assert message.startswith(f"--energy-{name}: ")
    assert said in message


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("tolerance", 5, 'in quotes, such as "5%": a bare 5 or 0.05 may mean either'),
        ("tolerance", "-5%", "0 or more"),
        ("fail-on", ["new"], "must be a text in quotes"),
        ("strict", "yes", "true or false"),
        ("strict", 1, "true or false"),
        ("provider", "cpu", "must be a list of texts"),
        ("models", "models/*.onnx", "must be a list of texts"),
        ("models", [1], "must be a text"),
        ("intensity", "40", "must be a number, without quotes"),
        ("intensity", 10**400, "must be a number"),
        ("pue", True, "must be a text"),
        ("pue", 0.5, "from 1 to 10"),
        ("time", float("nan"), "from 0.001"),
        ("baselines", 1, "must be a text"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_with_its_table(name, value, said):
    message = refusal(project={name: value})
    assert message.startswith(f"{name!r} in [tool.pytest-energy]: ")
    assert said in message


def test_plugin_libraries_are_files_by_the_name_of_their_provider(tmp_path):
    for folder in (tmp_path, tmp_path / "here"):
        folder.mkdir(exist_ok=True)
        (folder / "x.so").touch()
    settings = read(
        {"ep-library": ["my-npu=x.so", "OpenVINOExecutionProvider=x.so"], "provider": ["my-npu", "other"]},
        {"ep-library": ["other=x.so", "my-npu=x.so"], "provider": ["other"]},
        tmp_path,
        tmp_path / "here",
    )
    assert settings.libraries == {
        "other": tmp_path / "x.so",
        "my-npu": tmp_path / "here/x.so",
        "openvino": tmp_path / "here/x.so",
    }
    assert settings.providers == ("my-npu", "other")
    assert settings.default_providers == ("other",)


def test_a_reason_without_an_update_is_refused():
    assert "--energy-reason has no effect without --energy-update" in refusal(flags={"reason": "because"})


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_empty_reason_is_refused(reason):
    assert refusal(flags={"reason": reason, "update": True}).startswith("--energy-reason: ")


@pytest.mark.parametrize("name", ["json", "markdown"])
def test_a_report_cannot_be_written_over_a_folder(tmp_path, name):
    assert "is a folder" in refusal(flags={name: "."}, invocation_dir=tmp_path)


def test_baselines_cannot_lie_in_a_file(tmp_path):
    (tmp_path / "kept").write_text("", encoding="utf-8")
    assert "is a file" in refusal(project={"baselines": "kept"}, root=tmp_path)


def test_a_project_without_settings_has_none(tmp_path):
    assert read_project(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("[tool.other]\na = 1\n", encoding="utf-8")
    assert read_project(tmp_path) == {}


def test_the_table_of_the_project_is_read_as_written(tmp_path):
    text = '[tool.pytest-energy]\ntolerance = "7%"\nmodels = ["a.onnx"]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert read_project(tmp_path) == {"tolerance": "7%", "models": ["a.onnx"]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[tool", "is not TOML"),
        (b'name = "gr\xf6\xdfer"', "is not TOML in UTF-8"),
        (b"[tool]\npytest-energy = 5\n", "is no table"),
    ],
)
def test_a_broken_project_file_is_named(tmp_path, content, said):
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=said) as caught:
        read_project(tmp_path)
    assert str(path) in str(caught.value)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=2),
)


@given(project=st.dictionaries(st.sampled_from([option.name for option in OPTIONS]), VALUES, max_size=3))
def test_whatever_the_project_says_it_is_read_or_refused(project):
    try:
        settings, refused = read(project=project), ""
    except SettingsError as error:
        settings, refused = None, str(error)
    assert ("[tool.pytest-energy]" in refused) == (settings is None)
