from pathlib import Path

import pytest

from pytest_energy.cli.project import baselines_folder, project_root
from pytest_energy.errors import SettingsError, UsageError


def test_the_nearest_pyproject_upwards_is_the_project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "a/b").mkdir(parents=True)
    assert project_root(tmp_path / "a/b") == tmp_path
    (tmp_path / "a/pyproject.toml").write_text("")
    assert project_root(tmp_path / "a/b") == tmp_path / "a"


def test_one_with_our_table_comes_before_one_without(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/pyproject.toml").write_text("")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest-energy]\nregion = "FR"')
    assert project_root(tmp_path / "a") == tmp_path
    (tmp_path / "a/pyproject.toml").write_text("no TOML")
    assert project_root(tmp_path / "a") == tmp_path / "a"


def test_without_one_the_folder_itself_is_the_project():
    assert project_root(Path("/nowhere/at/all")) == Path("/nowhere/at/all")


def test_baselines_lie_beside_pyproject(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    for name in ("baselines", "a"):
        (tmp_path / name).mkdir()
    assert baselines_folder(None, tmp_path / "a") == tmp_path / "baselines"


def test_pyproject_may_name_another_folder_relative_to_itself(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.pytest-energy]\nbaselines = "energy"')
    for name in ("energy", "a"):
        (tmp_path / name).mkdir()
    assert baselines_folder(None, tmp_path / "a") == tmp_path / "energy"


def test_the_flag_is_relative_to_where_the_command_was_started(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.pytest-energy]\nbaselines = "energy"')
    (tmp_path / "a/mine").mkdir(parents=True)
    assert baselines_folder("mine", tmp_path / "a") == tmp_path / "a/mine"


@pytest.mark.parametrize("given", [None, "surprise"])
def test_a_folder_that_is_not_there_is_told_with_the_next_step(tmp_path, given):
    (tmp_path / "pyproject.toml").write_text("")
    with pytest.raises(UsageError, match=r"no folder of baselines .*--energy-update, or name another"):
        baselines_folder(given, tmp_path)


def test_faulty_settings_are_told(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.pytest-energy]\nbaseline = "energy"')
    with pytest.raises(SettingsError, match="Did you mean 'baselines'"):
        baselines_folder(None, tmp_path)
