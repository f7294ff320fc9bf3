import math
import random
import statistics

import pytest

from pytest_energy.statistics.scatter import scatter_of


def runs_of(count, size, within, between, seed=0):
    draw = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    return [
        [math.exp(common + draw.gauss(0, within)) for _ in range(size)]
        for common in (draw.gauss(0, between) for _ in range(count))
    ]


def test_runs_that_are_shifted_copies_differ_only_between_runs():
    shifts = (1.0, 1.1, 1.21)
    found = scatter_of([[2.0 * shift] * 4 for shift in shifts])
    assert found.between_processes == pytest.approx(0, abs=1e-12)
    assert found.between_runs == pytest.approx(statistics.stdev(map(math.log, shifts)))
    assert found.largest == pytest.approx(0, abs=1e-12)


def test_equal_runs_differ_only_within():
    found = scatter_of([[1.0, 1.02, 0.98, 1.0]] * 3)
    assert found.between_processes == pytest.approx(0.0163, abs=1e-3)
    assert found.between_runs == 0
    assert found.largest == pytest.approx(0.02, abs=2e-3)


def test_both_kinds_are_told_apart():
    found = scatter_of(runs_of(2000, 4, within=0.014, between=0.01))
    assert found.between_processes == pytest.approx(0.014, rel=0.05)
    assert found.between_runs == pytest.approx(0.01, rel=0.1)


def test_the_scale_does_not_matter():
    runs = runs_of(10, 4, 0.01, 0.01)
    scaled = scatter_of([[7 * cost for cost in run] for run in runs])
    assert scaled.between_runs == pytest.approx(scatter_of(runs).between_runs)


@pytest.mark.parametrize(
    "runs", [[], [[1.0, 2.0]], [[1.0], [2.0]], [[1.0, 2.0], [1.0]], [[1.0, 0.0], [1.0, 2.0]]]
)
def test_too_little_is_refused(runs):
    with pytest.raises(ValueError, match=r"two runs of two|positive"):
        scatter_of(runs)
