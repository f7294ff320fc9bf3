import math
import random

import pytest

from pytest_energy.statistics.trimmed import ratio_interval, spread, typical

TRIALS = 1500


def test_the_typical_value_of_few_is_their_geometric_mean():
    assert typical([1.0, 100.0]) == pytest.approx(10.0)
    assert typical([3.0]) == pytest.approx(3.0)


def test_an_outlier_among_many_does_not_move_the_typical_value():
    values = [1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01]
    assert typical([*values, 50.0]) == pytest.approx(typical([*values, 1.03]), rel=1e-9)


def test_the_two_sample_trimmed_t_as_computed_by_hand():
    # Logarithms 0..4 and 1..5 with a fifth trimmed: kept 1..3 and 2..4, Winsorized squares 4, so that a mean
    # has the variance 4 / (2 * 3); Welch's freedom is 4, of which Student's t at 97.5 % is 2.776445.
    low, high = ([math.exp(value) for value in range(first, first + 5)] for first in (0, 1))
    interval = ratio_interval(high, low, 0.95)
    half = 2.776445 * math.sqrt(2 * 4 / 6)
    assert math.log(interval.point) == pytest.approx(1.0)
    assert math.log(interval.low) == pytest.approx(1 - half, rel=1e-6)
    assert math.log(interval.high) == pytest.approx(1 + half, rel=1e-6)
    assert interval.confidence == 0.95


def test_a_noisy_run_is_not_vouched_for_by_a_quiet_baseline():
    quiet = [1.0 + 0.001 * number for number in range(12)]
    few, more = ratio_interval([0.9, 1.1, 0.9, 1.1], quiet, 0.98), ratio_interval([0.9, 1.1], quiet, 0.98)
    alone = spread([0.9, 1.1, 0.9, 1.1], 0.98)
    assert few.high / few.point - 1 == pytest.approx(alone, rel=0.01)
    assert more.high > few.high


def test_equal_values_leave_no_doubt():
    interval = ratio_interval([2.0] * 4, [1.0] * 12, 0.98)
    assert interval.low == interval.point == interval.high == pytest.approx(2.0)


def test_the_spread_of_one_value_is_unknown():
    assert spread([1.0], 0.98) is None


def test_the_spread_is_the_upper_end_of_the_interval_of_one_group():
    half = 3.182446 * math.sqrt(5 / 3 / 4)  # Student's t at 97.5 % with 3 degrees of freedom; logarithms 0..3
    assert spread([math.exp(value) for value in range(4)], 0.95) == pytest.approx(math.expm1(half), rel=1e-6)


@pytest.mark.parametrize("values", [[], [0.0, 1.0], [1.0, -1.0]])
def test_costs_must_be_positive(values):
    with pytest.raises(ValueError, match="positive"):
        typical(values)


def test_an_interval_needs_two_processes_on_each_side():
    with pytest.raises(ValueError, match="at least two"):
        ratio_interval([1.0], [1.0, 2.0], 0.98)


def test_values_that_are_worlds_apart_give_a_finite_interval():
    interval = ratio_interval([1e-9, 1e9], [1.0, 1.1], 0.98)
    assert 0 < interval.low < interval.point < interval.high < math.inf


def normal(draw):
    return draw.gauss(0, 0.014)


def noisy(draw):
    return draw.gauss(0, 0.042)


def heavy(draw):
    """Student's t with three degrees of freedom."""
    return 0.01 * draw.gauss(0, 1) / math.sqrt(draw.gammavariate(1.5, 2) / 3)


def outliers(draw):
    """One process in ten is up to 13 % dearer."""
    return normal(draw) + (draw.uniform(0.03, 0.13) if draw.random() < 0.1 else 0)


@pytest.mark.parametrize("counts", [(4, 12), (8, 12), (12, 12), (4, 16)])
@pytest.mark.parametrize(
    ("after", "before"),
    [(normal, normal), (noisy, normal), (normal, noisy), (heavy, heavy), (outliers, outliers)],
)
def test_each_end_misses_about_as_seldom_as_it_says(after, before, counts):
    # Nominal: 1 % at each end. Of 1500 trials 15; more than 33 would be a miss of 2.2 %.
    draw = random.Random(7)  # noqa: S311 - a simulation, not a secret
    misses = [0, 0]
    for _ in range(TRIALS):
        groups = [
            [math.exp(scatter(draw)) for _ in range(count)]
            for scatter, count in zip((after, before), counts, strict=True)
        ]
        interval = ratio_interval(*groups, 0.98)
        misses[0] += interval.low > 1
        misses[1] += interval.high < 1
    assert max(misses) <= 33
