import statistics

import pytest

from pytest_energy.results.samples import ProcessSamples
from pytest_energy.statistics.process_estimate import estimate_process


def samples(**changes):
    parts = {
        "process": 0,
        "steps_per_block": 1,
        "step_cpu_s": (2.0, 90.0, 2.0),
        "step_duration_s": (3.0, 3.0, 95.0),
        "reference_cpu_s": (1.0, 1.0, 50.0),
    }
    return ProcessSamples(**(parts | changes))


def test_medians_ignore_a_disturbed_round():
    estimate = estimate_process(samples())
    assert (estimate.cpu_s, estimate.duration_s, estimate.reference_cpu_s) == (2.0, 3.0, 1.0)


def test_the_cost_is_in_units_of_the_reference():
    assert estimate_process(samples(reference_cpu_s=(0.5, 0.5, 0.5))).cost == 4.0


def test_what_slows_step_and_reference_alike_leaves_the_cost_alone():
    slow = samples(step_cpu_s=(4.0, 180.0, 4.0), reference_cpu_s=(2.0, 2.0, 100.0))
    assert estimate_process(slow).cost == estimate_process(samples()).cost


def test_there_is_no_estimate_without_rounds():
    with pytest.raises(statistics.StatisticsError):
        estimate_process(samples(step_cpu_s=()))
