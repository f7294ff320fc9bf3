import pytest

from pytest_energy.measurement.frequency import STEP, frequency_steps


def test_a_steady_pace_has_no_steps():
    assert frequency_steps([1e-3] * 10) == ()
    assert frequency_steps([1e-3, 1.05e-3, 1.1e-3, 1e-3, 1.02e-3]) == ()


def test_rounds_at_a_lower_clock_rate_are_named():
    assert frequency_steps([1e-3, 1e-3, 1.3e-3, 1e-3, 1.25e-3, 1e-3]) == (2, 4)


def test_the_undisturbed_cost_is_that_of_the_cheapest_fifth():
    readings = [1.0] * 2 + [STEP * 1.01] * 8
    assert frequency_steps(readings) == tuple(range(2, 10))


@pytest.mark.parametrize("readings", [[], [1e-3]])
def test_too_few_rounds_have_no_steps(readings):
    assert frequency_steps(readings) == ()
