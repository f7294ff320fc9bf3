import random
from dataclasses import replace

import pytest

from pytest_energy.measurement.quality import Disturbance
from pytest_energy.runner.confirmation import BASELINE_PROCESSES
from pytest_energy.runner.noise import TOLERANCES, noise_of
from pytest_energy.runner.noise_trials import RUN, Trials

SIMULATED = 20


@pytest.fixture
def noise(entry, setup, process):
    """Judge trials whose processes have these costs, after a baseline of 1."""

    def make(costs, *, before=(1.0,) * BASELINE_PROCESSES, waited=0.0, threads=1, **disturbance):
        trials = Trials(
            baseline=tuple(process(cost, waited=waited) for cost in before),
            runs=tuple(process(cost, waited=waited) for cost in costs),
            duration_s=60.0,
            watched_s=50.0,
            disturbance=Disturbance(**disturbance),
        )
        benchmark = replace(entry.benchmark, threads=threads)
        return noise_of(trials, replace(entry, benchmark=benchmark), setup, SIMULATED)

    return make


def scattered(count, scatter, seed=0):
    draw = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    return [1 + draw.gauss(0, scatter) for _ in range(count)]


def test_where_nothing_scatters_nothing_is_wrong(noise):
    found = noise([1.0] * 4 * RUN)
    assert found.trials == 4
    assert found.benchmark == "small--cpu-b1"
    assert found.scatter.between_processes == 0
    assert [one.tolerance for one in found.tolerances] == list(TOLERANCES)
    for one in found.tolerances:
        assert (one.false_alarms, one.simulated_false_alarms, one.simulated_doubt) == (0, 0, 0)
        assert one.at_most == pytest.approx(1 - 0.05**0.25)
        assert one.tolerance < one.least_seen < 1.1 * one.tolerance


def test_runs_that_are_dearer_though_nothing_changed_are_false_alarms(noise):
    found = {one.tolerance: one for one in noise([1.03] * 5 * RUN).tolerances}
    assert found[0.02].false_alarms == 5
    assert found[0.02].at_most == 1
    assert found[0.05].false_alarms == 0


def test_later_looks_are_the_processes_of_the_trials_behind(noise):
    """One run that reads high is not believed, for those behind it do not confirm it."""
    found = {one.tolerance: one for one in noise([1.2] * RUN + [1.0] * 4 * RUN).tolerances}
    assert found[0.1].false_alarms == 0


def test_scatter_widens_what_is_seen(noise):
    costs = scattered(6 * RUN, 0.02)
    found = noise(costs, before=scattered(BASELINE_PROCESSES, 0.02, seed=1))
    assert found.scatter.between_processes == pytest.approx(0.02, rel=0.3)
    seen = [one.least_seen for one in found.tolerances]
    assert seen == sorted(seen)
    assert seen[0] > 0.03


def test_unrest_is_told_as_shares_of_the_time(noise):
    unrest = noise([1.0] * 4 * RUN, waited=0.5, pressure_s=25.0, steal_s=0.5, throttled_s=0.0).unrest
    assert unrest.waiting == pytest.approx(1 / 3)
    assert unrest.interrupted == 0.5
    assert (unrest.pressure, unrest.steal, unrest.throttled) == (0.5, 0.01, 0.0)


def test_what_is_unknown_stays_unknown(noise):
    unrest = noise([1.0] * 4 * RUN, threads=2).unrest
    assert (unrest.waiting, unrest.interrupted, unrest.pressure, unrest.steal) == (None, None, None, None)
