"""Whole windows of counters become joules per step."""

import pytest

from pytest_energy.footprint.measured import measured_energy
from pytest_energy.results.samples import MeterWindow, ProcessSamples


def window(energy_j, steps=10, duration_s=2.0, component="cpu", method="measured RAPL package"):
    return MeterWindow(
        component=component,
        method=method,
        boundary="one package",
        energy_j=energy_j,
        duration_s=duration_s,
        cpu_s=1.0,
        steps=steps,
    )


def samples(*windows):
    return ProcessSamples(
        process=0,
        steps_per_block=1,
        step_cpu_s=(1.0,),
        step_duration_s=(1.0,),
        reference_cpu_s=(1.0,),
        windows=windows,
    )


def test_a_window_is_shared_out_among_its_steps():
    (one,) = measured_energy([samples(window(40.0))], 0.98)
    assert (one.energy_j, one.power_w) == (pytest.approx(4.0), pytest.approx(20.0))
    assert one.random_j is None
    assert (one.windows, one.boundary) == (1, "one package")


def test_several_processes_give_a_band():
    (one,) = measured_energy([samples(window(each)) for each in (40.0, 42.0, 38.0, 41.0)], 0.98)
    assert one.energy_j == pytest.approx(4.02, rel=0.01)
    assert 0.05 < one.random_j < 1.0


def test_components_and_methods_are_kept_apart():
    read = measured_energy(
        [samples(window(40.0), window(4.0, component="dram"), window(44.0, method="another"))], 0.98
    )
    assert [(one.component, one.method) for one in read] == [
        ("cpu", "measured RAPL package"),
        ("dram", "measured RAPL package"),
        ("cpu", "another"),
    ]


def test_without_windows_nothing_is_measured():
    assert measured_energy([samples()], 0.98) == ()
