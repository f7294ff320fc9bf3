from dataclasses import replace

import pytest

from pytest_energy.environment import detect_machine
from pytest_energy.footprint.pue import pue_of
from pytest_energy.power.catalogue import accelerator_named
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.power.meters.nvidia import open_nvidia
from pytest_energy.power.meters.nvml_double import Gpu, NvmlDouble
from pytest_energy.power.surroundings import Surroundings
from pytest_energy.results.samples import MeterWindow
from pytest_energy.runner.conditions import find_conditions
from pytest_energy.runner.result_of_samples import build_result

T4 = accelerator_named("Tesla T4")


@pytest.fixture
def conditions(tmp_path):
    """A factory: the conditions of a machine with these accelerators."""

    def find(*accelerators):
        return find_conditions(
            detect_machine(tmp_path),
            {},
            profile="generic-cpu",
            region=None,
            intensity=100.0,
            pue=pue_of("1"),
            around=Surroundings(accelerators=accelerators),
        )

    return find


@pytest.mark.parametrize(
    ("provider", "accelerators", "found"),
    [
        ("cuda", [("nvidia", "Tesla T4")], "nvidia-t4"),
        ("tensorrt", [("nvidia", "Tesla T4"), ("nvidia", "Tesla T4")], "nvidia-t4"),
        ("nv-tensorrt-rtx", [("nvidia", "Tesla T4")], "nvidia-t4"),
        ("rocm", [("nvidia", "Tesla T4"), ("amd", "AMD Instinct MI300X")], "amd-radeon-instinct-mi300x"),
        ("migraphx", [("nvidia", "Tesla T4"), ("amd", "AMD Instinct MI300X")], "amd-radeon-instinct-mi300x"),
        # Which of two kinds is used is not known, nor what a provider of many vendors runs on.
        ("cuda", [("nvidia", "Tesla T4"), ("nvidia", "NVIDIA A10G")], None),
        ("webgpu", [("nvidia", "Tesla T4")], None),
        ("cuda", [("nvidia", "NVIDIA X9000")], None),
        ("cuda", [], None),
        (None, [("nvidia", "Tesla T4")], None),
    ],
)
def test_what_a_provider_runs_on_is_known_or_it_is_nothing(conditions, provider, accelerators, found):
    profile = conditions(*accelerators).accelerator_of(provider)
    assert (profile.id if profile else None) == found


def built(conditions, entry, process, provider="cuda", signal="device"):
    (one,) = process(2.0, waited=0.5)
    taken = [replace(one, factors=replace(one.factors, signal=signal))]
    benchmark = replace(entry.benchmark, provider=provider)
    return build_result(benchmark, taken, conditions, model_hash="abc", confidence=0.98)


def test_an_accelerator_that_is_waited_for_is_billed_over_wall_time(conditions, entry, process):
    result = built(conditions(("nvidia", "Tesla T4")), entry, process)
    (one,) = result.processes
    device_j = one.duration_s * T4.power_w(None)
    assert result.pins.device_power_w == T4.power_w(None)
    assert result.energy.parts_j["gpu"] == pytest.approx(device_j)
    assert result.energy.method == "modelled"
    assert result.energy.energy_j == pytest.approx(device_j + result.energy.parts_j["cpu"])
    assert 0 < result.energy.systematic_low < 1 < result.energy.systematic_high
    assert result.energy.marginal_j < result.energy.energy_j
    assert any("taken to draw 47.8 W" in note for note in result.notes)


def test_where_the_device_counts_its_energy_the_counter_takes_the_place_of_the_profile(
    conditions, entry, process
):
    (one,) = process(2.0, waited=0.5)
    gpu = Gpu(energy_mj=5_000)
    meter = open_nvidia(GpuAddress(), float, NvmlDouble(gpus=[gpu]))
    before = meter.read()
    gpu.energy_mj += 60_000
    (part,) = meter.components
    window = MeterWindow(
        component=part.name,
        method=meter.method,
        boundary=part.boundary,
        energy_j=meter.read().since(before)["gpu"],
        duration_s=1.0,
        cpu_s=0.1,
        steps=10,
    )
    taken = [
        replace(
            one,
            factors=replace(one.factors, signal="device"),
            samples=replace(one.samples, windows=(window,)),
        )
    ]
    benchmark = replace(entry.benchmark, provider="cuda")
    result = build_result(
        benchmark, taken, conditions(("nvidia", "Tesla T4")), model_hash="abc", confidence=0.98
    )
    (estimate,) = result.processes
    assert result.pins.device_power_w == pytest.approx(60.0)
    assert result.energy.parts_j["gpu"] == pytest.approx(60.0 * estimate.duration_s)
    assert result.energy.marginal_j is None
    assert result.energy.method == "partly measured"
    assert any("drew 60 W by its counter" in note for note in result.notes)


def test_a_counter_of_the_processor_changes_nothing_that_is_gated(conditions, entry, process):
    (one,) = process(2.0)
    window = MeterWindow(
        component="cpu",
        method="measured RAPL package",
        boundary="x",
        energy_j=60.0,
        duration_s=1.0,
        cpu_s=0.5,
        steps=10,
    )
    metered = replace(one, samples=replace(one.samples, windows=(window,)))
    plain, beside = (
        build_result(entry.benchmark, [each], conditions(), model_hash="abc", confidence=0.98)
        for each in (one, metered)
    )
    assert beside.energy.energy_j == plain.energy.energy_j
    assert (beside.pins, beside.processes) == (plain.pins, plain.processes)
    assert beside.energy.measured[0].energy_j == pytest.approx(6.0)


def test_a_pace_that_is_not_kept_is_told(conditions, entry, process):
    (one,) = process(2.0)
    benchmark = replace(entry.benchmark, pace_s=1e-9)
    result = build_result(benchmark, [one], conditions(), model_hash="abc", confidence=0.98)
    assert any("is not kept" in note for note in result.notes)
    assert "wait" in result.energy.parts_j


def test_an_accelerator_of_unknown_power_is_told_and_never_counted_as_nothing(conditions, entry, process):
    result = built(conditions(("nvidia", "NVIDIA X9000")), entry, process)
    assert result.pins.device_power_w is None
    assert "gpu" not in result.energy.parts_j
    assert any("not known: energy is that of the processor alone" in note for note in result.notes)


def test_what_runs_on_the_processor_is_billed_no_accelerator(conditions, entry, process):
    result = built(conditions(("nvidia", "Tesla T4")), entry, process, provider="cpu", signal="cpu")
    assert result.pins.device_power_w is None
    assert set(result.energy.parts_j) == {"cpu", "dram"}
