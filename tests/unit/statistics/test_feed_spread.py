import random

import pytest

from pytest_energy.statistics.feed_spread import feed_spread


def processes(costs, count=4, noise=0.01, between=0.2, seed=0):
    """Costs of each feed in several processes, which differ much as a whole, and in their feeds by noise."""
    draw = random.Random(seed).gauss  # noqa: S311 - no secret
    return [
        [level * cost * (1 + draw(0, noise)) for cost in costs]
        for level in (1 + between * n for n in range(count))
    ]


def test_feeds_of_one_cost_do_not_differ():
    shown = [seed for seed in range(1000) if feed_spread(processes([1.0] * 4, noise=0.05, seed=seed))]
    assert len(shown) <= 5  # one in a thousand is expected


def test_feeds_that_differ_are_told_whatever_the_process():
    spread = feed_spread(processes([14.8e-6, 22.3e-6, 14.8e-6, 22.3e-6], count=8, between=0.0))
    assert spread.low_s == pytest.approx(14.8e-6, rel=0.05)
    assert spread.high_s == pytest.approx(22.3e-6, rel=0.05)
    assert feed_spread(processes([14.8e-6, 22.3e-6, 14.8e-6, 22.3e-6])) is not None


def test_a_difference_that_no_reader_would_heed_is_not_told():
    assert feed_spread(processes([1.0, 1.01], noise=0.0)) is None


def test_a_difference_without_any_noise_is_told():
    assert feed_spread(processes([1.0, 1.05], noise=0.0)) is not None


@pytest.mark.parametrize("costs", [[], [[1.0]] * 9, [[1.0, 2.0]] * 2, [[1.0, 2.0], [1.0], [1.0, 2.0]]])
def test_too_little_tells_nothing(costs):
    assert feed_spread(costs) is None
