from dataclasses import replace

import pytest

from pytest_energy.gate.judge import beyond, judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Change, Kind
from pytest_energy.quantities import Ceiling
from pytest_energy.results.samples import ProcessSamples

QUIET = [0.995, 1.0, 1.0, 1.005]  # half a percent of scatter
LOUD = [0.9, 1.0, 1.0, 1.1]


def times(factor, costs=QUIET):
    return [factor * cost for cost in costs]


def about(verdict):
    return " | ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [
        (0.051, 0.12, Kind.REGRESSED),
        (0.05, 0.12, Kind.INCONCLUSIVE),  # the lower end must exceed the tolerance
        (0.01, 0.051, Kind.INCONCLUSIVE),
        (-0.2, 0.2, Kind.INCONCLUSIVE),
        (0.01, 0.05, Kind.PASSED),  # costs more, but surely not beyond the tolerance
        (-0.2, 0.0, Kind.PASSED),
        (-0.2, -0.047, Kind.PASSED),
        (-0.2, -0.048, Kind.IMPROVED),  # 1 / 1.05 - 1 = -0.0476
    ],
)
def test_an_interval_is_placed_against_the_tolerance(low, high, kind):
    assert beyond(Change(point=(low + high) / 2, low=low, high=high, confidence=0.98), 0.05) is kind


@pytest.mark.parametrize(
    ("point", "kind"),
    [(0.16, Kind.REGRESSED), (0.15, Kind.PASSED), (-0.12, Kind.PASSED), (-0.14, Kind.IMPROVED)],
)
def test_without_an_interval_the_point_decides(point, kind):
    assert beyond(Change(point=point), 0.15) is kind


def test_nan_is_never_a_clean_bill():
    nan = float("nan")
    assert beyond(Change(point=nan, low=nan, high=nan), 0.05) is Kind.INCONCLUSIVE


@pytest.mark.parametrize(
    ("costs", "kind"),
    [
        (times(1.0), Kind.PASSED),
        (times(1.02), Kind.PASSED),
        (times(1.10), Kind.REGRESSED),
        (times(0.90), Kind.IMPROVED),
        (times(1.05), Kind.INCONCLUSIVE),
        (times(1.0, LOUD), Kind.INCONCLUSIVE),
        (times(1.10, LOUD), Kind.INCONCLUSIVE),
    ],
)
def test_a_result_is_judged_against_its_baseline(costs, kind, result_of, baseline_of):
    verdict = judge(result_of(costs), baseline_of(QUIET * 3), Policy())
    assert verdict.kind is kind
    assert verdict.fails is (kind is Kind.REGRESSED)
    assert verdict.tolerance == 0.05


def test_denying_a_regression_takes_less_confidence_than_claiming_one(result_of, baseline_of):
    baseline = baseline_of(QUIET * 3)
    scattered = [0.97, 0.99, 1.01, 1.03]
    strict = Policy(passing_confidence=0.98)
    for policy, kind, confidence in ((strict, Kind.INCONCLUSIVE, 0.98), (Policy(), Kind.PASSED, 0.90)):
        verdict = judge(result_of(scattered), baseline, policy)
        assert (verdict.kind, verdict.change.confidence) == (kind, confidence)
        assert (verdict.change.high <= 0.05) is (kind is Kind.PASSED)
    for factor, kind in ((1.085, Kind.INCONCLUSIVE), (1 / 1.085, Kind.PASSED)):
        verdict = judge(result_of(times(factor, scattered)), baseline, Policy())  # beyond it with 90 % only
        assert (verdict.kind, verdict.change.confidence) == (kind, 0.98)


def test_without_a_baseline_it_is_new_and_says_what_to_do(result_of):
    verdict = judge(result_of(QUIET), None, Policy())
    assert verdict.kind is Kind.NEW
    assert verdict.change is None
    assert "--energy-update" in about(verdict)


@pytest.mark.parametrize("factor", [1.10, 1.24, 1.29])
def test_where_nothing_recorded_changed_a_move_is_held_against_the_machine(
    factor, result_of, baseline_of, same_factors
):
    verdict = judge(result_of(times(factor), factors=same_factors), baseline_of(QUIET), Policy())
    assert verdict.factors == ()
    if factor < 1.25:
        assert (verdict.kind, verdict.fails) == (Kind.INCONCLUSIVE, False)
        assert "is held against the machine, not the code" in about(verdict)
    else:
        assert verdict.kind is Kind.REGRESSED
        assert "look at the machine first" in about(verdict)


def test_nor_is_it_an_improvement(result_of, baseline_of, same_factors):
    verdict = judge(result_of(times(0.85), factors=same_factors), baseline_of(QUIET), Policy())
    assert verdict.kind is Kind.PASSED
    assert "is held against the machine" in about(verdict)


def test_a_callable_may_have_changed_unrecorded(result_of, baseline_of, same_factors):
    unknown = replace(same_factors, model=None)
    verdict = judge(result_of(times(1.1), factors=unknown), baseline_of(QUIET, factors=unknown), Policy())
    assert verdict.kind is Kind.REGRESSED


def test_a_pair_has_the_machine_in_common(result_of, baseline_of, same_factors):
    verdict = judge(result_of(times(1.1), factors=same_factors), baseline_of(QUIET), Policy(), paired=True)
    assert verdict.kind is Kind.REGRESSED


def test_a_regression_names_what_changed(result_of, baseline_of, newer_runtime):
    verdict = judge(result_of(times(1.2), factors=newer_runtime), baseline_of(QUIET), Policy())
    (change,) = verdict.factors
    assert (change.name, change.before, change.after) == ("onnxruntime", "1.31.0", "1.32.0")
    assert "look at the machine" not in about(verdict)


def test_a_doubt_is_told_in_figures(result_of, baseline_of):
    verdict = judge(result_of(times(1.0, LOUD)), baseline_of(QUIET), Policy())
    assert "on either side of the tolerance of +5.0 %" in about(verdict)


def test_latency_that_grows_alone_is_told_and_passes(result_of, baseline_of):
    verdict = judge(result_of(QUIET, latency=2.0), baseline_of(QUIET), Policy())
    assert verdict.kind is Kind.PASSED
    assert "latency grew while energy did not" in about(verdict)


def test_latency_that_grows_with_the_energy_is_no_news(result_of, baseline_of):
    assert "latency" not in about(judge(result_of(times(1.2)), baseline_of(QUIET), Policy()))


def test_plain_cpu_time_gets_a_wider_tolerance(result_of, baseline_of, other_reference):
    # +10 % may be the pace of the machine, which no reference takes out here.
    result = result_of(times(1.10), factors=other_reference)
    verdict = judge(result, baseline_of(QUIET), Policy())
    assert (verdict.kind, verdict.tolerance) == (Kind.PASSED, 0.15)
    assert judge(result, baseline_of(QUIET), Policy(tolerance=0.3)).tolerance == 0.3
    worse = result_of(times(1.25), factors=other_reference)
    assert judge(worse, baseline_of(QUIET), Policy()).kind is Kind.REGRESSED


class TestOnAnotherMachine:
    def test_a_small_change_passes_and_is_labelled(self, result_of, baseline_of, other_machine):
        verdict = judge(result_of(times(1.4), environment=other_machine), baseline_of(QUIET), Policy())
        assert verdict.kind is Kind.PASSED
        assert verdict.other_environment
        assert "only a change beyond +60.0 % could be told" in about(verdict)

    def test_no_improvement_is_claimed(self, result_of, baseline_of, other_machine):
        verdict = judge(result_of(times(0.1), environment=other_machine), baseline_of(QUIET), Policy())
        assert verdict.kind is Kind.PASSED

    def test_a_doubt_passes(self, result_of, baseline_of, other_machine):
        verdict = judge(result_of(times(1.6), environment=other_machine), baseline_of(QUIET), Policy())
        assert verdict.kind is Kind.PASSED

    def test_a_gross_regression_is_told(self, result_of, baseline_of, other_machine):
        verdict = judge(result_of(times(1.7), environment=other_machine), baseline_of(QUIET), Policy())
        assert (verdict.kind, verdict.fails) == (Kind.REGRESSED, True)

    def test_a_tolerance_beyond_it_holds(self, result_of, baseline_of, other_machine):
        result = result_of(times(1.7), environment=other_machine)
        assert judge(result, baseline_of(QUIET), Policy(tolerance=2.0)).kind is Kind.PASSED

    def test_other_instruction_sets_cannot_be_compared_but_the_ratio_is_shown(
        self, result_of, baseline_of, other_isa
    ):
        verdict = judge(result_of(times(4.0), environment=other_isa), baseline_of(QUIET), Policy())
        assert (verdict.kind, verdict.fails) == (Kind.INCOMPARABLE, False)
        assert "+300.0 %" in about(verdict)


class TestOverBudget:
    # Ten watts: a cost of 1 is 10 mJ and, at 360 g/kWh, 1 ug.

    @pytest.mark.parametrize("ceiling", [Ceiling(value=11e-3, unit="J"), Ceiling(value=1.1e-6, unit="g")])
    def test_below_its_ceiling_nothing_is_said(self, ceiling, result_of, baseline_of):
        verdict = judge(result_of(QUIET), baseline_of(QUIET), Policy(budget=ceiling))
        assert (verdict.kind, verdict.over_budget) == (Kind.PASSED, False)

    @pytest.mark.parametrize("ceiling", [Ceiling(value=9e-3, unit="J"), Ceiling(value=0.9e-6, unit="g")])
    def test_above_it_the_verdict_is_overruled_whatever_the_baseline_says(
        self, ceiling, result_of, baseline_of
    ):
        for baseline in (baseline_of(QUIET), None):
            verdict = judge(result_of(QUIET), baseline, Policy(budget=ceiling))
            assert (verdict.kind, verdict.fails, verdict.over_budget) == (Kind.REGRESSED, True, True)
            assert verdict.reasons[0].startswith("over budget: ")

    def test_near_it_nothing_is_sure(self, result_of):
        verdict = judge(result_of(QUIET), None, Policy(budget=Ceiling(value=9.99e-3, unit="J")))
        assert (verdict.kind, verdict.fails, verdict.over_budget) == (Kind.INCONCLUSIVE, False, True)

    def test_a_regression_stays_one(self, result_of, baseline_of):
        ceiling = Ceiling(value=11.99e-3, unit="J")
        verdict = judge(result_of(times(1.2)), baseline_of(QUIET), Policy(budget=ceiling))
        assert (verdict.kind, verdict.over_budget) == (Kind.REGRESSED, True)

    def test_the_pins_of_the_baseline_hold(self, result_of, baseline_of):
        baseline = baseline_of(QUIET)
        halved = replace(baseline, pins=replace(baseline.pins, core_power_w=5.0))
        policy = Policy(budget=Ceiling(value=9e-3, unit="J"))
        assert not judge(result_of(QUIET), halved, policy).over_budget

    def test_a_greener_grid_does_not_hide_it(self, result_of, baseline_of):
        result = result_of(QUIET)
        green = replace(result.pins, intensity=replace(result.pins.intensity, g_per_kwh=1.0))
        policy = Policy(budget=Ceiling(value=0.9e-6, unit="g"))
        assert judge(replace(result, pins=green), baseline_of(QUIET), policy).over_budget

    def test_another_machine_is_billed_by_its_own_power(self, result_of, baseline_of, other_machine):
        baseline = baseline_of(QUIET)
        hungry = replace(baseline, pins=replace(baseline.pins, core_power_w=100.0))
        policy = Policy(budget=Ceiling(value=50e-3, unit="J"))
        assert not judge(result_of(QUIET, environment=other_machine), hungry, policy).over_budget


def test_a_doubt_that_neighbours_caused_says_so(result_of, baseline_of):
    noisy = [0.9, 1.0, 1.1, 1.2]
    samples = tuple(
        ProcessSamples(
            process=number,
            steps_per_block=1,
            step_cpu_s=(1.0,) * 10,
            step_duration_s=(1.0,) * 10,
            reference_cpu_s=(1.0,) * 10,
            voided=tuple(range(8)),
            disturbances={"steal": 2, "wait": 6},
        )
        for number in range(4)
    )
    verdict = judge(result_of(noisy, samples=samples), baseline_of([1.0, 1.001, 0.999, 1.0]), Policy())
    assert verdict.kind is Kind.INCONCLUSIVE
    assert verdict.reasons[-1].startswith("32 of 40 rounds were disturbed: other programs of this machine")


@pytest.mark.parametrize(("reference_s", "kind"), [(1e-6, Kind.PASSED), (1e-5, Kind.REGRESSED)])
def test_a_change_below_the_floor_is_no_regression(result_of, baseline_of, reference_s, kind):
    # 8 % of a step of 1 us is less than a call from Python varies by; 8 % of 10 us is not.
    quiet = [1.0, 1.001, 0.999, 1.0]
    worse = result_of([1.08 * cost for cost in quiet], reference_s=reference_s)
    verdict = judge(worse, baseline_of(quiet, reference_s=reference_s), Policy())
    assert verdict.kind is kind
    assert ("100 ns per step" in " ".join(verdict.reasons)) == (kind is Kind.PASSED)
