"""Where inputs and outputs lie, and by what the cost is read, for every provider of the table."""

import pytest

from pytest_energy.providers import PROVIDERS, provider_named
from pytest_energy.runtime.device_behind import Device
from pytest_energy.runtime.device_memory import DeviceMemory, device_memory, signal_of

GPU = Device(name="NVIDIA A100", software=False)
PROGRAM = Device(name="SwiftShader Device", software=True)


@pytest.mark.parametrize(
    ("provider", "device", "signal"),
    [
        ("cpu", Device(), "cpu"),
        ("xnnpack", Device(), "cpu"),
        ("cuda", GPU, "device"),
        ("cuda", Device(), "device"),
        ("webgpu", GPU, "device"),
        ("webgpu", PROGRAM, "cpu"),
        ("openvino", Device(), "cpu"),
        ("openvino", Device(name="GPU", software=False), "device"),
    ],
)
def test_cpu_time_is_the_cost_where_the_processor_computes(provider, device, signal):
    assert signal_of(provider_named(provider), device) == signal


def test_a_provider_with_memory_of_its_own_has_inputs_and_outputs_there():
    cuda = provider_named("cuda")
    assert device_memory(cuda, {}) == DeviceMemory(name="cuda", number=0)
    assert device_memory(cuda, {"device_id": "1"}).number == 1


def test_where_copies_are_part_of_the_step_everything_lies_on_the_host():
    assert device_memory(provider_named("cuda"), {}, transfer=True).on_host


def test_other_providers_find_everything_on_the_host():
    assert device_memory(provider_named("cpu"), {}).on_host
    assert device_memory(provider_named("openvino"), {}).on_host


@pytest.mark.parametrize("transfer", [False, True])
def test_states_of_training_lie_where_sessions_of_webgpu_alone_can_put_them(transfer):
    memory = device_memory(provider_named("webgpu"), {}, transfer=transfer)
    assert memory.on_host
    assert memory.of_sessions == "webgpu"
    assert device_memory(provider_named("openvino"), {}).of_sessions is None


def test_only_what_computes_elsewhere_has_another_memory():
    assert {each.memory for each in PROVIDERS if each.device == "cpu"} == {None}
