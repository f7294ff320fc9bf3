"""WebGPU on a rasteriser that computes on the processor, such as SwiftShader."""

import pytest

from pytest_energy.results.training import Training
from pytest_energy.runtime.vulkan import VulkanKind, vulkan_devices

NEEDS = ("webgpu",)
WEBGPU, CPU = "WebGpuExecutionProvider", "CPUExecutionProvider"

pytestmark = pytest.mark.skipif(not vulkan_devices(), reason="Vulkan lists no device; set VK_ICD_FILENAMES")


def test_a_model_runs_there_wholly_whatever_the_assignment_says(verified, models):
    _, placement = verified(models / "digits-cnn.onnx", "webgpu")
    assert placement.nodes.keys() == {WEBGPU}
    assert placement.time_share == 1
    assert "profile" in placement.sources


def test_nodes_that_it_lacks_are_named_with_their_reason(verified, models):
    factors, placement = verified(models / "digits-cnn-int8.onnx", "webgpu", least_share=0.0)
    assert placement.nodes[CPU] > 0
    assert placement.memcpy > 0
    assert any(name.startswith("QuantizeLinear") for name in placement.fallback)
    assert any(
        "kernel not found in registries for Op type: QuantizeLinear" in why for why in placement.reasons
    )
    assert all(name.startswith(CPU) for name in factors.elsewhere)


@pytest.mark.skipif(
    any(device.kind is not VulkanKind.CPU for device in vulkan_devices()), reason="there is a real GPU"
)
def test_a_program_never_passes_for_a_gpu(verified, models, pytester):
    factors, _ = verified(models / "digits-cnn.onnx", "webgpu")
    assert factors.software_device is True
    assert factors.device
    (pytester.path / "digits-cnn.onnx").write_bytes((models / "digits-cnn.onnx").read_bytes())
    ran = pytester.runpytest_subprocess(
        "--energy", "--energy-time", "0.2", "--energy-provider", "webgpu", "digits-cnn.onnx"
    )
    said = " ".join(ran.stdout.str().split())
    assert "(software device)" in said
    assert "a program on the processor: no GPU took part" in said


@pytest.mark.parametrize("name", ["convolutions", "transformer", "perceptron"])
def test_models_learn_there_what_they_learn_on_the_cpu(lessons, learns_as_on_the_cpu, name):
    placement = learns_as_on_the_cpu(lessons[name], "webgpu")
    # ONNX Runtime's assignment, which is all that training tells, lists few of the nodes of WebGPU.
    assert placement.requested == WEBGPU
    assert placement.nodes.get(CPU, 0) <= 5


def test_a_training_step_runs_there_but_for_long_numbers(verified, models):
    factors, placement = verified(
        models / "digits-transformer.onnx", "webgpu", batch=4, training=Training(optimizer="momentum")
    )
    assert factors.training["lowering"] == "portable"
    assert placement.share > 0.95
    assert placement.time_share > 0.9
    # Labels and tokens are int64, which WebGPU has not.
    assert {name.split()[0] for name in placement.fallback} <= {"Cast", "Reshape", "Expand"}
