from dataclasses import replace

import pytest

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.baselines.schema import gated_energy_j
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.quantities import Ceiling
from pytest_energy.runner.acceptance import Action, decide, recorded, refreshed

QUIET = [0.995, 1.0, 1.0, 1.005]
LOUD = [0.9, 1.0, 1.0, 1.1]
LOW_BUDGET = Policy(budget=Ceiling(value=1e-3, unit="J"))  # a cost of 1 is 10 mJ


@pytest.fixture
def verdict_of(result_of, baseline_of):
    """A factory: a run that costs so many times its baseline."""

    def make(factor, *, costs=QUIET, policy=None, **parts):
        return judge(
            result_of([factor * cost for cost in costs], **parts), baseline_of(QUIET), policy or Policy()
        )

    return make


@pytest.mark.parametrize(
    ("factor", "reason", "action"),
    [
        (1.0, None, Action.REFRESH),
        (1.04, None, Action.REFRESH),  # five of these must not ratchet through
        (1.2, None, Action.KEEP),
        (1.2, "a better model", Action.REWRITE),
        (0.8, None, Action.REWRITE),
    ],
)
def test_an_update_writes_what_changed_and_was_accepted(factor, reason, action, verdict_of):
    assert decide(verdict_of(factor), reason) is action


@pytest.mark.parametrize(
    ("factor", "reason", "action"),
    [
        (1.0, None, Action.LEAVE),
        (1.0, "whatever", Action.LEAVE),
        (1.04, None, Action.LEAVE),
        (1.2, None, Action.LEAVE),  # held against the machine
        (1.2, "a new kernel", Action.REWRITE),
        (0.8, None, Action.LEAVE),
        (0.8, "a new kernel", Action.REWRITE),
        (1.4, None, Action.KEEP),
    ],
)
def test_where_nothing_recorded_changed_a_new_figure_needs_a_reason(
    factor, reason, action, verdict_of, same_factors
):
    assert decide(verdict_of(factor, factors=same_factors), reason) is action


def test_what_has_no_baseline_gets_one(result_of):
    assert decide(judge(result_of(QUIET), None, Policy()), None) is Action.RECORD


def test_where_only_factors_changed_they_are_refreshed(verdict_of, newer_runtime):
    assert decide(verdict_of(1.0, factors=newer_runtime), None) is Action.REFRESH


def test_where_the_figure_is_in_doubt_the_factors_stay_as_evidence(verdict_of, newer_runtime):
    doubtful = verdict_of(1.05, factors=newer_runtime)
    assert doubtful.kind is Kind.INCONCLUSIVE
    assert decide(doubtful, None) is Action.LEAVE


def test_a_reason_accepts_a_figure_that_surely_grew_though_not_surely_too_much(verdict_of):
    assert decide(verdict_of(1.05), "a better model") is Action.REWRITE
    assert decide(verdict_of(1.0, costs=LOUD), "a better model") is Action.LEAVE


class TestOnAnotherMachine:
    def test_it_gets_a_baseline_of_its_own(self, verdict_of, other_machine):
        assert decide(verdict_of(1.2, environment=other_machine), None) is Action.RECORD

    def test_a_gross_regression_needs_a_reason_there_too(self, verdict_of, other_machine):
        verdict = verdict_of(2.0, environment=other_machine)
        assert decide(verdict, None) is Action.KEEP
        assert decide(verdict, "a better model") is Action.RECORD


class TestOverBudget:
    def test_an_unchanged_figure_is_left(self, verdict_of, same_factors):
        verdict = verdict_of(1.0, policy=LOW_BUDGET, factors=same_factors)
        assert verdict.kind is Kind.REGRESSED
        assert decide(verdict, None) is Action.LEAVE

    def test_a_figure_that_regressed_needs_a_reason(self, verdict_of):
        assert decide(verdict_of(1.2, policy=LOW_BUDGET), None) is Action.KEEP

    def test_an_improvement_is_written(self, verdict_of):
        assert decide(verdict_of(0.8, policy=LOW_BUDGET), None) is Action.REWRITE

    def test_a_new_benchmark_is_recorded(self, result_of):
        assert decide(judge(result_of(QUIET), None, LOW_BUDGET), None) is Action.RECORD


def test_a_recorded_baseline_agrees_with_its_processes(result_of):
    provenance = Provenance(commit=None, date="2026-01-01", reason="first")
    result = result_of(QUIET)
    baseline = recorded(result, provenance)
    assert baseline.processes == result.processes
    assert baseline.energy_j == gated_energy_j(result.processes, result.pins)
    assert baseline.energy_j == pytest.approx(10e-3, rel=0.01)
    assert baseline.provenance is provenance


def test_refreshing_takes_the_factors_and_leaves_the_figure(result_of, baseline_of, newer_runtime):
    baseline = baseline_of(QUIET)
    after = refreshed(baseline, result_of([1.04] * 4, factors=newer_runtime))
    assert after == replace(baseline, factors=newer_runtime)


def test_with_another_reference_the_unit_is_taken_over_and_the_figure_is_not(
    result_of, baseline_of, other_reference
):
    baseline = baseline_of([3.0] * 4, reference_s=1e-3)
    result = result_of([1.0] * 4, reference_s=3.3e-3, factors=other_reference)  # 10 % slower than it was
    after = refreshed(baseline, result)
    assert after.energy_j == baseline.energy_j
    assert gated_energy_j(after.processes, after.pins) == pytest.approx(baseline.energy_j)
    assert [one.cost for one in after.processes] == [1.0] * 4
    for one in after.processes:
        assert one.cpu_s / one.reference_cpu_s == pytest.approx(one.cost)
    assert judge(result, after, Policy()).kind is Kind.PASSED
