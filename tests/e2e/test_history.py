"""Every run adds its verdicts to the history, and the command line shows them over time."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing


def history(project, *arguments):
    ran = subprocess.run(
        [sys.executable, "-m", "pytest_energy", "history", *arguments],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.stdout


def test_two_runs_are_shown_over_time(project):
    project.model()
    for verdict in ("NEW", "NEW"):
        ran = project.energy("small.onnx", "--energy-history", "kept/h.db")
        assert ran.ret == 0
        assert verdict in project.said(ran)
    (series,) = json.loads(history(project, "kept/h.db", "small--cpu-b1", "--json"))["series"]
    first, last = series["entries"]
    assert first["time"] <= last["time"]
    assert last["verdict"] == "NEW"
    assert last["cost"] > 0
    assert last["energy_j"] > last["random_j"] > 0
    assert last["carbon_g"] > 0
    assert last["change"] is None
    assert last["processes"] >= 4
    assert last["factors"]["onnxruntime"]
    assert "small--cpu-b1  2" in history(project, "kept/h.db")
    assert history(project, "kept/h.db", "small--cpu-b1").count("NEW") == 2


def test_a_setting_and_every_kind_of_verdict(project):
    project.model("good.onnx")
    project.model("worse.onnx")
    project.model("broken.onnx")
    project.record("good.onnx", "worse.onnx")
    project.model("worse.onnx", width=512)
    (project.folder / "broken.onnx").write_bytes(b"no model")
    project.write("pyproject.toml", '[tool.pytest.ini_options]\n[tool.pytest-energy]\nhistory = "h.db"\n')
    assert project.energy("good.onnx", "worse.onnx", "broken.onnx").ret == 1
    entries = {
        one["benchmark"]: one["entries"]
        for name in ("good--cpu-b1", "worse--cpu-b1")
        for one in json.loads(history(project, name, "--json"))["series"]
    }
    assert [one["verdict"] for one in entries["good--cpu-b1"]] == ["PASSED"]
    assert [one["verdict"] for one in entries["worse--cpu-b1"]] == ["REGRESSED"]
    assert entries["worse--cpu-b1"][0]["change"] > 3
    assert "broken" not in history(project)


def test_an_interrupted_run_keeps_what_was_measured(project):
    project.write(
        "test_a.py",
        "def test_a(energy):\n    energy.measure(lambda: sorted(range(1000)), name='sorted')\n"
        "def test_b():\n    raise KeyboardInterrupt\n",
    )
    assert project.energy("--energy-history", "h.db").ret == 2
    assert "sorted" in history(project, "h.db")


def test_nothing_is_added_by_collecting(project):
    project.model()
    assert project.energy("small.onnx", "--collect-only", "--energy-history", "h.db").ret == 0
    assert not (project.folder / "h.db").exists()


def test_a_history_that_cannot_be_used_fails_the_run_and_loses_nothing_else(project):
    project.model()
    with closing(sqlite3.connect(project.folder / "cookies.db")) as connection:
        connection.execute("CREATE TABLE cookies (name)")
    ran = project.energy("small.onnx", "--energy-history", "cookies.db", "--energy-json", "out.json")
    ran.assert_outcomes(passed=1)
    assert ran.ret == 1
    assert "some other program" in project.said(ran)
    assert "Traceback" not in ran.stdout.str()
    assert project.results(project.folder / "out.json")["benchmarks"]
    assert "NEW small--cpu-b1" in project.said(ran)


def test_a_folder_is_refused_before_anything_is_measured(project):
    project.model()
    ran = project.energy("small.onnx", "--energy-history", ".")
    assert ran.ret == 4
    assert "--energy-history" in ran.stderr.str()
