"""The noise of this machine, measured with real workers but hardly any time."""

import json
from importlib import resources, util
from pathlib import Path

import pytest

from pytest_energy.cli.noise_measured import measure
from pytest_energy.cli.noise_show import as_json
from pytest_energy.runner.pipeline import sample_in_workers

SCRIPT = Path(__file__).parents[2] / "models/write_noise_model.py"


class FewWorkers:
    """Samples real processes once; the other trials get the same ones again."""

    def __init__(self):
        self._taken = []

    def __call__(self, entries, processes, setup):
        if not self._taken:
            self._taken = sample_in_workers(entries, processes, setup)
        setup.progress("as the pipeline says it")
        return self._taken


def test_noise_is_measured(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-energy]\ntime = 0.4\n")
    monkeypatch.chdir(tmp_path)
    measured = measure(None, 6, None, sample=FewWorkers(), simulated=10)
    plain = json.loads(as_json(measured))
    noise = plain["noise"]
    assert (noise["benchmark"], noise["trials"]) == ("noise--cpu-b1", 6)
    assert noise["scatter"]["between_processes"] > 0
    assert noise["scatter"]["between_runs"] == 0
    assert [one["false_alarms"] for one in noise["tolerances"]] == [0] * 4
    assert {each["name"] for each in plain["sources"]} >= {"CPUs", "load", "virtual machine"}


def test_the_built_in_model_is_what_its_script_makes():
    pytest.importorskip("onnx", reason="the script makes the model with onnx")
    spec = util.spec_from_file_location("write_noise_model", SCRIPT)
    script = util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shipped = resources.files("pytest_energy.runner").joinpath("noise.onnx").read_bytes()
    assert script.noise_model().SerializeToString(deterministic=True) == shipped
