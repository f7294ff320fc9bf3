"""The examples of the README, run as they stand there."""

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]


def block(language, containing):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (chosen,) = [each for each in found if containing in each]
    return chosen


def with_model(project):
    (project.folder / "models").mkdir()
    shutil.copy(ROOT / "models/digits-cnn.onnx", project.folder / "models")


def test_the_suite_runs(project):
    with_model(project)
    project.write("models/all.energy.toml", block("toml", "batch = [1, 32]"))
    ran = project.energy("models")
    # The ceiling is an example, not a promise for every machine.
    assert "2 benchmarks: " in project.said(ran)
    assert "digits-cnn--cpu-b32" in project.said(ran)


def test_the_settings_are_accepted(project):
    with_model(project)
    project.write("pyproject.toml", "[tool.pytest.ini_options]\n" + block("toml", "[tool.pytest-energy]"))
    ran = project.energy()
    assert ran.ret == 1
    assert "digits-cnn--cpu-b1 NEW" in project.said(ran)


def test_the_tests_run_with_and_without_energy(project):
    with_model(project)
    project.write("test_example.py", block("python", "def test_classifier"))
    project.pytest().assert_outcomes(passed=2)
    ran = project.energy()
    assert "2 benchmarks: " in project.said(ran)
