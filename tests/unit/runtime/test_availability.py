from pathlib import Path

import pytest

from pytest_energy.runtime.availability import availabilities
from pytest_energy.runtime.installation import Distribution, Installation

CPU, OPENVINO = "CPUExecutionProvider", "OpenVINOExecutionProvider"


def found(
    *providers, wheels=("onnxruntime",), libraries=None, system="Linux", outcome=None, version="1.32.0"
):
    """All availabilities by name, where every try ends as ``outcome`` says; and what was tried."""
    tried = []

    def try_out(provider, library):
        tried.append((provider, library))
        return (outcome or {}).get(provider, {})

    each = availabilities(
        Installation(version=version, providers=providers, fault=None if version else "There is none."),
        [Distribution(name=name, version="1") for name in wheels],
        libraries or {},
        system=system,
        try_out=try_out,
    )
    return {one.provider: one for one in each}, tried


def test_only_what_is_built_in_is_tried_out():
    providers, tried = found(CPU)
    assert tried == [("cpu", None)]
    assert providers["cpu"].available
    assert not providers["openvino"].available


def test_a_provider_runs_only_if_its_try_succeeded():
    why = "openvino cannot be used: the library libtbb.so.12 is missing."
    providers, _ = found(CPU, OPENVINO, outcome={"openvino": {"reason": why}})
    assert (providers["openvino"].available, providers["openvino"].reason) == (False, why)


def test_the_device_behind_is_told_and_whether_it_is_a_program():
    outcome = {"webgpu": {"device": "llvmpipe", "software_device": True, "devices": ["GPU a", "CPU b"]}}
    providers, _ = found(CPU, "WebGpuExecutionProvider", outcome=outcome)
    one = providers["webgpu"]
    assert (one.device, one.software_device, one.devices) == ("llvmpipe", True, ("GPU a", "CPU b"))


def test_what_is_missing_is_told_with_the_package_that_brings_it_and_what_it_needs():
    reason = found(CPU)[0]["cuda"].reason
    assert reason.startswith(
        "It is not in this build of ONNX Runtime (1.32.0). Install onnxruntime-gpu in an"
    )
    assert reason.endswith("It needs an NVIDIA GPU and its driver, CUDA and cuDNN.")


def test_what_exists_elsewhere_only_is_told_so():
    assert found(CPU)[0]["dml"].reason == "It exists on Windows only."
    assert "onnxruntime-directml" in found(CPU, system="Windows")[0]["dml"].reason


def test_a_wheel_that_was_overwritten_is_found_out():
    reason = found(CPU, wheels=("onnxruntime", "onnxruntime-openvino"))[0]["openvino"].reason
    assert "onnxruntime-openvino is installed, but onnxruntime was written over it" in reason
    assert "pip uninstall -y onnxruntime onnxruntime-openvino" in reason
    assert reason.endswith("pip install onnxruntime-openvino")


def test_without_a_runtime_nothing_is_tried():
    providers, tried = found(version=None)
    assert tried == []
    assert {one.reason for one in providers.values()} == {"There is none."}


@pytest.mark.parametrize("name", ["my-npu", "openvino"])
def test_a_library_that_is_named_is_tried_out(name):
    providers, tried = found(CPU, libraries={name: Path("/lib/x.so")})
    assert (name, "/lib/x.so") in tried
    assert providers[name].available
