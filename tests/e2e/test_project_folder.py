"""Whose settings hold, and where baselines lie: in a repository of projects, from above and from within."""

import pytest

SETTINGS = "[tool.pytest-energy]\ntime = 0.4\n"


@pytest.fixture
def repository(project):
    """Two projects below the rootdir of pytest; one of them has settings of its own."""
    (project.folder / "pyproject.toml").unlink()
    project.write("pytest.ini", "[pytest]\n")
    project.model("one/small.onnx")
    project.model("two/small.onnx")
    project.write("one/pyproject.toml", SETTINGS)
    project.write("two/pyproject.toml", "[project]\n")
    return project


@pytest.mark.parametrize(
    ("start", "arguments", "baselines"),
    [
        ("one", ("small.onnx",), "baselines"),
        ("one", (), "baselines"),
        (".", ("one",), "one/baselines"),
        ("two", ("../one/small.onnx",), "../one/baselines"),
        ("two", ("small.onnx",), "../baselines"),
        (".", ("one", "two"), "baselines"),
        ("one", ("small.onnx", "--rootdir", ".."), "../baselines"),
    ],
)
def test_baselines_lie_beside_the_nearest_settings(repository, monkeypatch, start, arguments, baselines):
    monkeypatch.chdir(repository.folder / start)
    ran = repository.pytest("--energy", "--collect-only", *arguments)
    ran.stdout.fnmatch_lines([f"energy: compared with baselines in {baselines}"])


def test_the_nearest_settings_hold(repository, monkeypatch):
    repository.write("one/pyproject.toml", '[tool.pytest-energy]\ntime = "soon"\n')
    monkeypatch.chdir(repository.folder / "one")
    ran = repository.pytest("--energy", "small.onnx")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "'time' in [tool.pytest-energy]" in ran.stderr.str()


def test_baselines_that_are_overlooked_are_told(repository):
    repository.write("two/baselines/linux-any/small--cpu-b1.json", "{}")
    ran = repository.energy("two/small.onnx")
    assert ran.ret == 0
    assert "All benchmarks are new, for baselines are looked for in baselines." in repository.said(ran)
    assert "take these with --energy-baselines two/baselines" in repository.said(ran)
