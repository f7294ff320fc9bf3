import math
import random
from functools import partial

import pytest

from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.quantities import Ceiling
from pytest_energy.runner.confirmation import (
    BASELINE_PROCESSES,
    LOOKS,
    ONE_PROCESS_LOOKS,
    Evidence,
    judge_in_looks,
)

QUIET = [0.995, 1.0, 1.0, 1.005]


def times(factor):
    return [factor * cost for cost in QUIET]


class Script:
    """Evidence whose processes cost what a list says, in order."""

    def __init__(self, costs, judge):
        self.asked = []
        self._costs = costs
        self.evidence = Evidence(sample=self._sample, judge=judge)

    def _sample(self, numbers):
        self.asked.append((numbers.start, numbers.stop))
        return [self._costs[number] for number in numbers]


@pytest.fixture
def look(result_of, baseline_of):
    """A factory: judge processes of these costs against a quiet baseline."""

    def judged(costs, policy=None, looks=LOOKS):
        rules, baseline = policy or Policy(), baseline_of(QUIET * 4)
        script = Script(costs, lambda taken: judge(result_of(list(taken)), baseline, rules))
        return judge_in_looks(script.evidence, rules, looks), script.asked

    return judged


def test_four_processes_settle_what_did_not_change(look):
    verdict, asked = look(times(1.0))
    assert verdict.kind is Kind.PASSED
    assert asked == [(0, 4)]


def test_a_regression_is_believed_when_fresh_processes_show_it(look):
    verdict, asked = look(times(1.1) * 2)
    assert (verdict.kind, verdict.fails) == (Kind.REGRESSED, True)
    assert verdict.reasons[0] == "confirmed in 4 fresh processes"
    assert len(verdict.result.processes) == 8
    assert asked == [(0, 4), (4, 8)]


def test_an_improvement_is_confirmed_likewise(look):
    verdict, _ = look(times(0.9) * 2)
    assert verdict.kind is Kind.IMPROVED
    assert "confirmed" in verdict.reasons[0]


def test_a_suspicion_that_fresh_processes_do_not_share_is_dropped(look):
    verdict, asked = look(times(1.1) + times(1.0) * 3)
    assert verdict.kind is not Kind.REGRESSED
    assert not verdict.fails
    assert asked[1] == (4, 8)


def test_a_regression_that_all_together_show_but_the_fresh_ones_do_not_is_in_doubt(look):
    # At a confidence of a half, +15 % and +4 % make a regression together; the fresh four alone do not.
    verdict, _ = look(times(1.15) + times(1.04), Policy(confidence=0.5), looks=(4, 8))
    assert (verdict.kind, verdict.fails) == (Kind.INCONCLUSIVE, False)
    assert verdict.reasons[0] == "reads REGRESSED, but a fresh look did not confirm it"


def test_what_stays_open_after_the_last_look_is_inconclusive(look):
    verdict, asked = look(times(1.05) * 6)
    assert verdict.kind is Kind.INCONCLUSIVE
    assert asked[-1] == LOOKS[-2:]
    assert len(asked) == len(LOOKS)


def test_strictness_fails_what_is_unconfirmed(look):
    verdict, _ = look(times(1.05) * 6, Policy(strict=True))
    assert (verdict.kind, verdict.fails) == (Kind.INCONCLUSIVE, True)


def test_new_benchmarks_and_strange_machines_are_looked_at_once(result_of, baseline_of, other_isa):
    for baseline in (None, baseline_of(QUIET, environment=other_isa)):
        judged = partial(judge, baseline=baseline, policy=Policy())
        script = Script(times(3.0), lambda taken, judged=judged: judged(result_of(list(taken))))
        assert judge_in_looks(script.evidence, Policy()).kind in {Kind.NEW, Kind.INCOMPARABLE}
        assert script.asked == [(0, 4)]


def test_an_exceeded_budget_is_confirmed_too(look):
    # 10 mJ a step. Fresh processes confirm it by being over it, though four are not as sure as eight.
    policy = Policy(budget=Ceiling(value=9.9e-3, unit="J"))
    verdict, asked = look(times(1.0) * 4, policy)
    assert (verdict.kind, verdict.over_budget) == (Kind.REGRESSED, True)
    assert "confirmed in 4 fresh processes" in verdict.reasons[0]
    assert len(asked) > 1


def test_nothing_is_sampled_twice(result_of):
    script = Script(times(1.0) * 2, lambda taken: judge(result_of(list(taken)), None, Policy()))
    script.evidence.verdict(4)
    script.evidence.verdict(8)
    script.evidence.verdict(4)
    assert script.asked == [(0, 4), (4, 8)]


class TestInOneProcess:
    """A callable: each look judges the newest sampling alone."""

    @pytest.fixture
    def judged(self, result_of, baseline_of):
        def make(*costs):
            rules, baseline = Policy(tolerance=0.15), baseline_of([1.0])
            script = Script(costs, lambda taken: judge(result_of(list(taken[-1:])), baseline, rules))
            return judge_in_looks(script.evidence, rules, ONE_PROCESS_LOOKS)

        return make

    def test_one_sampling_settles_what_did_not_change(self, judged):
        assert judged(1.1).kind is Kind.PASSED

    def test_two_samplings_make_a_regression(self, judged):
        verdict = judged(1.2, 1.2)
        assert verdict.kind is Kind.REGRESSED
        assert verdict.reasons[0] == "confirmed by sampling it a second time"

    def test_one_bad_sampling_does_not(self, judged):
        assert judged(1.2, 1.1).kind is Kind.PASSED

    def test_opposite_samplings_are_in_doubt(self, judged):
        assert judged(0.5, 1.5).kind is Kind.INCONCLUSIVE


@pytest.mark.parametrize(
    ("change", "kind"), [(0.0, Kind.PASSED), (0.10, Kind.REGRESSED), (-0.15, Kind.IMPROVED)]
)
def test_with_the_scatter_of_real_processes_the_verdict_is_right(change, kind, result_of, baseline_of):
    draw = random.Random(11)  # noqa: S311 - a simulation, not a secret

    def costs(count, grown=0.0):
        return [(1 + grown) * math.exp(draw.gauss(0, 0.014)) for _ in range(count)]

    kinds = set()
    for _ in range(100):
        judged = partial(judge, baseline=baseline_of(costs(BASELINE_PROCESSES)), policy=Policy())
        evidence = Evidence(
            sample=lambda numbers: costs(len(numbers), change),
            judge=lambda taken, judged=judged: judged(result_of(list(taken))),
        )
        kinds.add(judge_in_looks(evidence, Policy()).kind)
    assert kinds == {kind}
