"""What runs here, tried out for real: the CPU provider."""

import json
import subprocess
import sys
from importlib import resources, util
from pathlib import Path

import pytest

from pytest_energy.runtime.availability import tried_out

SCRIPT = Path(__file__).parents[2] / "models/write_probe_model.py"


def test_the_cpu_provider_runs_and_others_say_what_they_need():
    ended = subprocess.run(
        [sys.executable, "-m", "pytest_energy", "providers", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr
    found = {each["provider"]: each for each in json.loads(ended.stdout)["providers"]}
    assert found["cpu"]["available"]
    assert found["cpu"]["reason"] is None
    assert "Install onnxruntime-ep-migraphx" not in found["migraphx"]["reason"]
    assert "Install onnxruntime-migraphx in an environment of its own" in found["migraphx"]["reason"]
    assert all(each["available"] != bool(each["reason"]) for each in found.values())


def test_a_provider_that_is_not_here_is_told_by_its_probe():
    assert "is not in ONNX Runtime" in tried_out("vsinpu")["reason"]


def test_a_library_that_is_none_is_told_by_its_probe(tmp_path):
    path = tmp_path / "x.so"
    path.write_text("no library")
    assert "cannot be used by ONNX Runtime" in tried_out("my-npu", str(path))["reason"]


def test_the_model_of_the_probe_is_what_its_script_makes():
    pytest.importorskip("onnx", reason="the script makes the model with onnx")
    spec = util.spec_from_file_location("write_probe_model", SCRIPT)
    script = util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shipped = resources.files("pytest_energy.runtime").joinpath("probe.onnx").read_bytes()
    assert script.probe_model().SerializeToString() == shipped
