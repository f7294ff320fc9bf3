from pytest_energy.cli.providers_shown import as_screen, on_what
from pytest_energy.cli.screen import Screen
from pytest_energy.runtime.availability import Availability


def available(**parts):
    return Availability(
        **{"provider": "webgpu", "name": "WebGpuExecutionProvider", "available": True} | parts
    )


def test_what_runs_is_told_with_its_device_and_what_does_not_with_its_reason():
    lacking = available(provider="cuda", available=False, reason="It needs an NVIDIA GPU.")
    screen = as_screen(
        [available(device="NVIDIA L4", software_device=False), lacking],
        ["two wheels"],
        Screen(width=80, colour=False, unicode=False),
    )
    lines = [line.split() for line in screen.text().splitlines() if line]
    assert ["webgpu", "NVIDIA", "L4"] in lines
    assert ["cuda", "It", "needs", "an", "NVIDIA", "GPU."] in lines
    assert ["two", "wheels"] in lines


def test_a_program_is_never_told_as_a_gpu():
    assert on_what(available(device="SwiftShader", software_device=True)) == (
        "SwiftShader: a software device, no GPU"
    )


def test_the_processor_and_a_plugin_are_told():
    one = available(provider="ggml", plugin_version="0.2", devices=("CPU AMD", "GPU AMD"))
    assert on_what(one) == "the processor; lists CPU AMD, GPU AMD (plugin 0.2)"
