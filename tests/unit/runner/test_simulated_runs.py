import random

import pytest

from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.runner.confirmation import BASELINE_PROCESSES, LOOKS
from pytest_energy.runner.simulated_runs import draw_runs, least_seen, share_of

RUNS = 60


@pytest.fixture
def template(result_of):
    return result_of([1.0, 1.0])


def costs(scatter):
    draw = random.Random(0)  # noqa: S311 - a simulation, not a secret
    return [1 + draw.gauss(0, scatter) for _ in range(40)]


def test_equal_seeds_draw_equal_runs():
    assert draw_runs(costs(0.01), 0.01, 3, seed=1) == draw_runs(costs(0.01), 0.01, 3, seed=1)
    assert draw_runs(costs(0.01), 0.01, 3, seed=1) != draw_runs(costs(0.01), 0.01, 3, seed=2)


def test_a_run_has_the_processes_of_its_last_look_and_a_baseline():
    (run,) = draw_runs([1.0, 2.0], 0.0, 1, seed=0)
    assert (len(run.baseline), len(run.run)) == (BASELINE_PROCESSES, LOOKS[-1])
    assert {*run.baseline, *run.run} == {1.0, 2.0}


def test_what_runs_have_in_common_moves_all_their_processes():
    (run,) = draw_runs([1.0], 0.1, 1, seed=0)
    assert len(set(run.run)) == 1
    assert set(run.run) != set(run.baseline)


def test_without_scatter_nothing_is_in_doubt_and_all_beyond_the_tolerance_is_seen(template):
    runs = draw_runs([1.0], 0.0, RUNS, seed=0)
    policy = Policy(tolerance=0.05)
    assert share_of(Kind.PASSED, runs, template, policy) == 1
    assert least_seen(runs, template, policy) == pytest.approx(0.05, rel=0.06)


def test_the_more_scatter_the_larger_what_is_seen(template):
    policy = Policy(tolerance=0.05)
    seen = [
        least_seen(draw_runs(costs(scatter), 0.0, RUNS, seed=0), template, policy)
        for scatter in (0.005, 0.03)
    ]
    assert 0.05 < seen[0] < seen[1] < 1


def test_a_shift_between_runs_brings_false_alarms_at_a_narrow_tolerance(template):
    policy = Policy(tolerance=0.01)
    alarms = [
        share_of(Kind.REGRESSED, draw_runs(costs(0.005), shift, RUNS, seed=0), template, policy)
        for shift in (0.0, 0.05)
    ]
    assert alarms[0] == 0
    assert alarms[1] > 0.1


def test_what_is_not_seen_at_twice_the_cost_has_no_figure(template):
    runs = draw_runs([1.0, 30.0], 0.0, RUNS, seed=0)
    assert least_seen(runs, template, Policy()) is None
