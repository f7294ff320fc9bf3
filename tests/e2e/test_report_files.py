"""Reports and exports: files that a run was asked for, and the same from its results file."""

import csv
import importlib.util
import json
import subprocess
import sys

import pytest

HTML = "<!doctype html>"


def report(project, *arguments):
    """Run ``pytest-energy report`` in the project."""
    return subprocess.run(
        [sys.executable, "-m", "pytest_energy", "report", *arguments],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def measured(project):
    """A project with results and a history of two runs."""
    project.model()
    options = ("small.onnx", "--energy-update", "--energy-json", "results.json", "--energy-history", "h.db")

    def run_twice():
        for _ in range(2):
            ran = project.energy(*options)
            assert ran.ret == 0, ran.stdout.str()

    project.once(options, run_twice)
    return project


def test_a_page_is_written_and_names_what_was_measured(project):
    pytest.importorskip("jinja2")
    pytest.importorskip("vl_convert")
    project.model()
    assert project.energy("small.onnx", "--energy-html", "out/report.html").ret == 0
    text = (project.folder / "out/report.html").read_text(encoding="utf-8")
    assert text.startswith(HTML)
    assert "small--cpu-b1" in text
    assert "Nothing regressed" in text


def test_without_its_packages_a_page_is_refused_before_anything_is_measured(project):
    project.model()
    project.write(
        "conftest.py",
        "import sys\nfrom importlib.machinery import ModuleSpec\n"
        "class Absent:\n"
        "    @staticmethod\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name == 'vl_convert':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Absent)\n"
        "import pytest_energy.reports.page.library as library\n"
        "found = library.find_spec\n"
        "library.find_spec = lambda name: None if name == 'vl_convert' else found(name)\n",
    )
    ran = project.energy("small.onnx", "--energy-html", "report.html")
    assert ran.ret == 4
    assert 'pip install "pytest-energy[html]"' in ran.stderr.str()
    assert not (project.folder / "report.html").exists()


def test_exports_may_be_several_and_are_relative_to_where_pytest_was_started(project):
    project.model()
    ran = project.energy(
        "small.onnx", "--energy-export", "csv=figures.csv", "--energy-export", "bencher=out/bmf.json"
    )
    assert ran.ret == 0
    (row,) = rows_of(project.folder / "figures.csv")
    assert row["benchmark"] == "small--cpu-b1"
    assert row["time"].endswith("Z")
    document = json.loads((project.folder / "out/bmf.json").read_text(encoding="utf-8"))
    assert document["small--cpu-b1"]["energy-joules"]["value"] == float(row["energy_j"])


def test_exports_may_stand_in_the_project_file(project):
    project.model()
    project.write(
        "pyproject.toml",
        '[tool.pytest.ini_options]\n[tool.pytest-energy]\ntime = 0.4\nexport = ["openmetrics=m.txt"]\n',
    )
    assert project.pytest("--energy", "small.onnx").ret == 0
    assert (project.folder / "m.txt").read_text(encoding="utf-8").endswith("# EOF\n")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("xml=a.xml", "'xml' is no format. Known: bencher, codecarbon, csv"),
        ("csv", "'csv' must be a name and a path with = between them, such as csv=energy.csv"),
        ("csv=", "must be a name and a path"),
        ("csv=.", "is a folder: name a file for csv"),
    ],
)
def test_an_export_that_cannot_be_is_refused_before_anything_is_measured(project, wanted, said):
    project.model()
    ran = project.energy("small.onnx", "--energy-export", wanted)
    assert ran.ret == 4
    assert said in " ".join(ran.stderr.str().split())


def test_a_results_file_becomes_every_other_format(measured):
    ran = report(
        measured,
        *("results.json", "--markdown", "r.md", "--export", "codecarbon=emissions.csv"),
        *("--export", "github-action-benchmark=points.json"),
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert (measured.folder / "r.md").read_text(encoding="utf-8").startswith("## Energy of 1 benchmark: ")
    (row,) = rows_of(measured.folder / "emissions.csv")
    assert row["project_name"] == "small--cpu-b1"
    assert len(json.loads((measured.folder / "points.json").read_text(encoding="utf-8"))) == 3


def test_a_page_from_results_has_their_history(measured):
    pytest.importorskip("jinja2")
    pytest.importorskip("vl_convert")
    ran = report(measured, "results.json", "--html", "r.html", "--history", "h.db")
    assert (ran.returncode, ran.stderr) == (0, "")
    text = (measured.folder / "r.html").read_text(encoding="utf-8")
    assert text.startswith(HTML)
    assert "No change point in 1 series of up to 2 runs." in text


def test_without_an_option_the_report_is_printed(measured):
    ran = report(measured, "results.json")
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[-1].startswith("1 benchmark: ")
    assert "factors:" not in ran.stdout
    assert "factors:" in report(measured, "results.json", "-v").stdout


NEEDS_PAGE = pytest.mark.skipif(
    importlib.util.find_spec("vl_convert") is None, reason="the extra html is not installed"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.json",), "absent.json cannot be read: No such file or directory."),
        (("small.onnx",), "small.onnx cannot be read: it is no text in UTF-8."),
        (("pyproject.toml",), "pyproject.toml holds no results of pytest-energy"),
        pytest.param(
            ("results.json", "--html", "r.html", "--history", "absent.db"),
            "There is no history",
            marks=NEEDS_PAGE,
        ),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(measured, arguments, said):
    ran = report(measured, *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_place_that_cannot_be_written_to_is_refused_before_anything_is_written(measured):
    (measured.folder / "file").touch()
    ran = report(measured, "results.json", "--markdown", "file/r.md", "--export", "csv=f.csv")
    assert ran.returncode == 2
    assert "file/r.md could not be written: Not a directory." in ran.stderr
    assert not (measured.folder / "f.csv").exists()


REPORTS = {
    "--energy-json": "r.json",
    "--energy-markdown": "r.md",
    "--energy-history": "h.db",
    "--energy-html": "r.html",
    "--energy-export": "csv=r.csv",
}


def inside(folder, value):
    name, sign, path = value.rpartition("=")
    return f"{name}{sign}{folder}/{path}"


NEED_NOTHING = [flag for flag in REPORTS if flag != "--energy-html"]


@pytest.mark.parametrize("flag", [*NEED_NOTHING, pytest.param("--energy-html", marks=NEEDS_PAGE)])
def test_a_report_below_a_file_is_refused_before_anything_is_measured(project, flag):
    project.model()
    project.write("file", "")
    ran = project.energy("small.onnx", flag, inside("file", REPORTS[flag]))
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "could not be written: Not a directory." in " ".join(ran.stderr.str().split())
    assert "small--cpu-b1" not in ran.stdout.str()


def test_folders_of_reports_are_made_and_what_was_written_is_told(project):
    project.model()
    options = [each for flag in NEED_NOTHING for each in (flag, inside("new", REPORTS[flag]))]
    ran = project.energy("small.onnx", *options)
    assert ran.ret == 0
    assert "written: new/h.db, new/r.json, new/r.md, new/r.csv" in project.said(ran)
    assert sorted(path.name for path in (project.folder / "new").iterdir()) == [
        "h.db",
        "r.csv",
        "r.json",
        "r.md",
    ]
