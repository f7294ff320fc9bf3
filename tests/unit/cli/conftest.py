from dataclasses import replace
from pathlib import Path

import pytest

from pytest_energy.baselines.schema import from_text
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.cli.main import main
from pytest_energy.environment import detect_machine

GOLDEN = Path(__file__).parents[1] / "baselines/golden/v1.json"
HERE = detect_machine().environment


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project with an empty folder of baselines, in which commands are started."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "baselines").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


@pytest.fixture
def record(project):
    """Write a baseline of a model, for this machine or a processor of another name, and return its file."""

    def write(name="digits-cnn", *, cpu=None, reason=None, commit="1a2b3c4", folder="baselines"):
        golden = from_text(GOLDEN.read_text(encoding="ascii"), "golden")
        environment = HERE if cpu is None else replace(golden.environment, cpu=cpu)
        made = replace(
            golden,
            benchmark=replace(golden.benchmark, name=name, model=f"models/{name}.onnx"),
            environment=environment,
            provenance=replace(golden.provenance, reason=reason, commit=commit),
        )
        store = BaselineStore(project / folder)
        store.write(made)
        return store.path(environment.id, made.benchmark.id)

    return write


@pytest.fixture
def command(capsys):
    """Run a command in this process; return exit code, standard output and standard error."""

    def run(*arguments):
        code = main(arguments)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run
