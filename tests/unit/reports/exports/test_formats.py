from pathlib import Path

import pytest

from pytest_energy.errors import HarnessError, SettingsError
from pytest_energy.reports.exports import formats
from pytest_energy.reports.exports.formats import FORMATS, known_exports, require_packages, write_export

PLAIN = [one.name for one in FORMATS if not one.needs]


def test_every_module_of_the_folder_is_a_format_or_makes_their_rows():
    modules = {path.stem for path in Path(formats.__file__).parent.glob("*.py")}
    assert modules == {one.module for one in FORMATS} | {"__init__", "formats", "entry", "mlflow_client"}


def test_a_format_that_is_unknown_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match=r"'xml' is no format\. Known: bencher, codecarbon, csv"):
        known_exports((("xml", tmp_path / "a.xml"),))


def test_a_folder_where_a_file_is_wanted_is_refused_and_the_other_way_round(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ValueError, match="is a folder: name a file for csv"):
        known_exports((("csv", tmp_path),))
    with pytest.raises(ValueError, match="is a file: name a folder for mlflow"):
        known_exports((("mlflow", file),))


def test_what_can_be_written_is_accepted_as_it_is(tmp_path):
    wanted = (("csv", tmp_path / "a.csv"), ("mlflow", tmp_path / "runs"))
    assert known_exports(wanted) is wanted


def test_formats_without_a_package_need_none():
    require_packages(PLAIN)


def test_a_missing_package_is_told_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    with pytest.raises(
        SettingsError, match=r'parquet needs the package pyarrow: pip install "pytest-energy\[exports\]"'
    ):
        require_packages(["csv", "parquet"])


@pytest.mark.parametrize("name", PLAIN)
def test_a_file_is_written_whole_and_again_alike(name, report, tmp_path):
    path = tmp_path / "folder" / "file"
    write_export(name, report, path)
    first = path.read_bytes()
    write_export(name, report, path)
    assert path.read_bytes() == first
    assert [each.name for each in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("name", PLAIN)
def test_a_report_without_a_benchmark_can_be_written(name, empty, tmp_path):
    write_export(name, empty(), tmp_path / "file")
    assert (tmp_path / "file").exists()


def test_a_file_that_cannot_be_written_is_told(report, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HarnessError, match="could not be written"):
        write_export("csv", report, tmp_path / "file" / "below")
