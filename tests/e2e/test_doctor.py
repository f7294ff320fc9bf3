"""The doctor, as a user calls it."""

import subprocess
import sys

import pytest


@pytest.fixture
def doctor(tmp_path):
    """Call the doctor in a project; return exit code and what it printed on one line."""

    def call(settings="", *, recorded=True):
        (tmp_path / "pyproject.toml").write_text(f"[tool.pytest-energy]\n{settings}\n")
        if recorded:
            (tmp_path / "baselines").mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "pytest_energy", "doctor"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode, " ".join(done.stdout.split())

    return call


def test_machine_power_and_runtime_are_told(doctor):
    code, said = doctor('profile = "generic-cpu"')
    assert said.startswith("machine ")
    assert "power generic-cpu x" in said
    assert "certain. It is named in pyproject.toml." in said
    assert "runtime ONNX Runtime 1." in said
    assert "cpu" in said
    assert (code == 0) == said.endswith("Nothing is wrong.")


def test_a_project_without_baselines_is_told_what_comes_next_and_not_that_it_is_broken(doctor):
    code, said = doctor(recorded=False)
    assert (code == 0) == ("Nothing is wrong." in said)
    assert "Next: There are no baselines yet" in said
    assert said.endswith("Record some with pytest --energy --energy-update, and commit them.")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("baseline = 'x'", "Did you mean 'baselines'"),
        ("profile = 'generic'", "No power profile is named 'generic'"),
    ],
)
def test_settings_that_cannot_be_used_are_faults(doctor, settings, words):
    code, said = doctor(settings)
    assert (code, said.count(words)) == (1, 1)
