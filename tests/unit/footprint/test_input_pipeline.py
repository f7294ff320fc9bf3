"""What making batches takes of a run, in time and energy."""

from dataclasses import replace

import pytest

from pytest_energy.footprint.input_pipeline import input_pipeline_cost
from pytest_energy.results.energy import CarbonIntensity, Pins
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples

INTENSITY = CarbonIntensity(g_per_kwh=360.0, place="here", code="user", year=None, basis="any", source="test")
PINS = Pins(profile="ten-watts", core_power_w=10.0, intensity=INTENSITY, pue=1.0)
SAMPLES = ProcessSamples(
    process=0,
    steps_per_block=1,
    step_cpu_s=(2.0,) * 4,
    step_duration_s=(4.0,) * 4,
    reference_cpu_s=(1.0,) * 4,
    fetch_cpu_s=(0.5,) * 4,
    fetch_duration_s=(2.0,) * 4,
)
ESTIMATE = ProcessEstimate(cpu_s=2.0, duration_s=4.0, reference_cpu_s=1.0, cost=2.0)


def test_its_energy_is_to_the_runs_as_its_cpu_time_is():
    cost = input_pipeline_cost([SAMPLES, SAMPLES], [ESTIMATE, ESTIMATE], PINS)
    assert (cost.cpu_share, cost.duration_share) == (0.25, 0.5)
    assert cost.cpu_s == (0.5, 0.5)
    assert cost.duration_s == (2.0, 2.0)
    assert cost.energy_j == pytest.approx(0.25 * 2.0 * 10.0)


def test_a_device_that_waits_meanwhile_is_billed_for_the_wall_time():
    cost = input_pipeline_cost([SAMPLES], [ESTIMATE], replace(PINS, device_power_w=100.0))
    assert cost.energy_j == pytest.approx(0.25 * 2.0 * 10.0 + 0.5 * 4.0 * 100.0)


def test_there_is_none_where_batches_lay_ready():
    bound = replace(SAMPLES, fetch_cpu_s=(), fetch_duration_s=())
    assert input_pipeline_cost([bound], [ESTIMATE], PINS) is None
    assert input_pipeline_cost([], [], PINS) is None
