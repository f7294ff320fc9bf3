import argparse

import pytest

from pytest_energy.cli.measuring_options import add_options, add_shape, settings_of
from pytest_energy.errors import SettingsError
from pytest_energy.gate.verdict import Kind


@pytest.fixture
def settings(project):
    """A factory: the settings of a command line, in a project."""

    def read(*given, toml=""):
        (project / "pyproject.toml").write_text(f"[tool.pytest-energy]\n{toml}\n", encoding="utf-8")
        parser = argparse.ArgumentParser(allow_abbrev=False)
        add_options(parser)
        return settings_of(parser.parse_args(given), project)

    return read


def test_options_are_those_of_pytest_without_the_prefix(settings, project):
    given = settings(
        "--tolerance", "7%", "--fail-on", "inconclusive", "--strict", "--provider", "cpu", "--region", "FR",
        "--pue", "1.2", "--time", "2", "--timeout", "9", "--json", "r.json", "--markdown", "r.md",
    )  # fmt: skip
    assert (given.tolerance, given.fail_on, given.strict) == (0.07, {Kind.INCONCLUSIVE}, True)
    assert (given.providers, given.region, given.pue.value) == (("cpu",), "FR", 1.2)
    assert (given.time_s, given.timeout_s) == (2, 9)
    assert (given.json, given.markdown) == (project / "r.json", project / "r.md")


def test_the_names_that_advice_uses_work_too(settings):
    assert settings("--energy-time", "3").time_s == settings("--time", "3").time_s == 3


def test_the_project_says_what_is_not_given(settings):
    toml = 'region = "SE"\ntolerance = "3%"\ntime = 2.5'
    assert settings(toml=toml).region == "SE"
    assert settings("--region", "FR", toml=toml).region == "FR"
    assert settings(toml=toml).tolerance_for(None, 0.02) == 0.03


def test_the_files_of_the_project_are_not_written(settings):
    given = settings(toml='json = "r.json"\nmarkdown = "r.md"\nhistory = "h.db"')
    assert (given.json, given.markdown, given.history) == (None, None, None)


@pytest.mark.parametrize(
    ("given", "toml", "said"),
    [
        (("--tolerance", "0.05"), "", "write it with its % sign"),
        (("--provider", "openvin"), "", "Did you mean 'openvino'"),
        ((), "tolerence = '5%'", "Did you mean 'tolerance'"),
    ],
)
def test_what_cannot_be_used_is_told(settings, given, toml, said):
    with pytest.raises(SettingsError, match=said):
        settings(*given, toml=toml)


@pytest.mark.parametrize("given", ["0", "-1", "many"])
def test_a_shape_is_a_whole_number(given, capsys):
    parser = argparse.ArgumentParser()
    add_shape(parser, "both")
    assert parser.parse_args(["--batch", "8", "--threads", "2"]) == argparse.Namespace(batch=8, threads=2)
    with pytest.raises(SystemExit):
        parser.parse_args(["--batch", given])
    assert "argument --batch" in capsys.readouterr().err
