"""Session creation and first run, apart from the steps that follow."""

from dataclasses import replace

import pytest

from pytest_energy.footprint.start import start_phases
from pytest_energy.results.energy import CarbonIntensity, Pins
from pytest_energy.results.samples import ProcessSamples

INTENSITY = CarbonIntensity(g_per_kwh=360.0, place="here", code="user", year=None, basis="any", source="test")
PINS = Pins(profile="ten-watts", core_power_w=10.0, intensity=INTENSITY, pue=1.0)
STARTED = ProcessSamples(
    process=0,
    steps_per_block=1,
    step_cpu_s=(1.0,),
    step_duration_s=(1.0,),
    reference_cpu_s=(1.0,),
    load_s=4.0,
    load_cpu_s=2.0,
    first_run_s=0.5,
    first_run_cpu_s=0.25,
)


def test_each_phase_has_its_times_and_its_energy():
    load, first = start_phases([STARTED, STARTED], PINS)
    assert (load.name, load.duration_s, load.cpu_s) == (
        "session creation",
        pytest.approx(4.0),
        pytest.approx(2.0),
    )
    assert load.energy_j == pytest.approx(20.0)
    assert (first.name, first.energy_j) == ("first run", pytest.approx(2.5))


def test_a_device_is_billed_for_the_wall_time():
    load, _ = start_phases([STARTED], replace(PINS, device_power_w=100.0))
    assert load.energy_j == pytest.approx(20.0 + 400.0)


def test_what_is_unknown_of_one_process_is_left_out():
    assert [each.name for each in start_phases([STARTED, replace(STARTED, first_run_s=None)], PINS)] == [
        "session creation"
    ]


def test_a_callable_has_no_session():
    bare = replace(STARTED, load_s=None, first_run_s=None)
    assert start_phases([bare], PINS) == ()
    assert start_phases([], PINS) == ()


def test_what_the_clock_could_not_see_is_no_fault():
    load, _ = start_phases([replace(STARTED, load_cpu_s=0.0)], PINS)
    assert load.energy_j == pytest.approx(0.0, abs=1e-6)
