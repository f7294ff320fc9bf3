"""The judge: a result, a baseline and a policy become a verdict. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.baselines.schema import gated_energy_j
from pytest_energy.gate.comparison import Comparison, compare, compare_pair
from pytest_energy.gate.policy import (
    FLOOR_S,
    OTHER_ENVIRONMENT_TOLERANCE,
    PLAIN_CPU_TIME_TOLERANCE,
    UNEXPLAINED_TOLERANCE,
    Policy,
)
from pytest_energy.gate.verdict import Change, Kind, Verdict
from pytest_energy.quantities import Ceiling, format_change, format_quantity
from pytest_energy.results.factors import changes
from pytest_energy.results.result import Result
from pytest_energy.statistics.trimmed import typical

_CLAIMS = frozenset({Kind.REGRESSED, Kind.IMPROVED})
_FLOOR = f"the change may be less than {format_quantity(FLOOR_S, 's')} per step, which is not judged"

_UNEXPLAINED = (
    "model, inputs, ONNX Runtime and all else that is recorded are as in the baseline: a change of less than "
    f"{format_change(UNEXPLAINED_TOLERANCE)} is held against the machine, not the code"
)

_MUCH = 0.5
"""Share of the rounds beyond which disturbances are worth a sentence."""

_DISTURBANCES = {
    "wait": "other programs of this machine wanted the same CPU; run fewer beside it",
    "switches": "other programs of this machine took the CPU away; run fewer beside it",
    "steal": "the hypervisor gave the CPU to other virtual machines; a larger or dedicated runner helps",
    "frequency": "the processor changed its clock rate; a fixed governor, turbo off, or better cooling helps",
    "throttling": "the CPU quota of the container was used up; raise it to at least one whole CPU",
}


def judge(result: Result, baseline: Baseline | None, policy: Policy, *, paired: bool = False) -> Verdict:
    """Say whether a result is worse than its baseline, or dearer than its budget.

    REGRESSED needs the whole interval beyond the tolerance; PASSED needs an interval that excludes a
    regression beyond it, for which less confidence is enough; between the two the verdict is INCONCLUSIVE.
    Where there is one process and so no interval, the point decides, at the wider tolerance that the policy
    holds for it.

    Args:
        result: What was measured.
        baseline: What it is compared with.
        policy: The rules.
        paired: Whether both ran in the same processes, in the same order.
    """
    if baseline is None:
        return _against_budget(_without_baseline(result, policy), policy)
    compared = compare_pair if paired else compare
    verdict = _against_baseline(result, baseline, compared(result, baseline, policy.confidence), policy)
    if verdict.kind is Kind.INCONCLUSIVE:
        comparison = compared(result, baseline, policy.passing_confidence)
        easier = _against_baseline(result, baseline, comparison, policy)
        verdict = easier if easier.kind is Kind.PASSED else verdict
    return _against_budget(replace(verdict, paired=paired), policy)


def _without_baseline(result: Result, policy: Policy) -> Verdict:
    reason = "there is no baseline for this benchmark on any machine; record one with --energy-update"
    return Verdict(
        kind=Kind.NEW,
        result=result,
        tolerance=policy.tolerance,
        reasons=(reason,),
        fails=policy.fails(Kind.NEW),
    )


def _against_baseline(result: Result, baseline: Baseline, comparison: Comparison, policy: Policy) -> Verdict:
    tolerance = _tolerance(comparison, policy)
    kind = _kind(result, baseline, comparison, tolerance)
    if kind in _CLAIMS and _below_floor(comparison.change, baseline):
        kind, comparison = Kind.PASSED, replace(comparison, remarks=(*comparison.remarks, _FLOOR))
    if kind in _CLAIMS and _is_unexplained(result, baseline, comparison):
        kind = Kind.PASSED if kind is Kind.IMPROVED else Kind.INCONCLUSIVE
        comparison = replace(comparison, remarks=(*comparison.remarks, _UNEXPLAINED))
    verdict = Verdict(
        kind=kind,
        result=result,
        baseline=baseline,
        change=comparison.change,
        latency=comparison.latency,
        tolerance=tolerance,
        factors=changes(baseline.factors, result.factors),
        fails=policy.fails(kind),
        other_environment=comparison.other_environment,
    )
    return replace(verdict, reasons=(*comparison.remarks, *_reasons(verdict, baseline)))


def _is_unexplained(result: Result, baseline: Baseline, comparison: Comparison) -> bool:
    """Whether a model changed its cost, within what a machine may do, though nothing else changed."""
    alone = result.factors.model is not None and result.factors == baseline.factors
    if comparison.change is None or comparison.paired or not alone:
        return False
    return beyond(comparison.change, UNEXPLAINED_TOLERANCE) not in _CLAIMS


def _below_floor(change: Change | None, baseline: Baseline) -> bool:
    """Whether a change may be too small to matter in absolute terms, whatever it is in relative ones."""
    if change is None:
        return False
    low, high = (change.point if end is None else end for end in (change.low, change.high))
    least = max(low, -high, 0.0)  # the end of the interval that is nearer to no change
    signal = baseline.factors.signal
    return least * typical([one.seconds(signal) for one in baseline.processes]) < FLOOR_S


def _tolerance(comparison: Comparison, policy: Policy) -> float:
    """Return the policy's tolerance, widened to what the comparison can tell."""
    if comparison.other_environment:
        return max(policy.tolerance, OTHER_ENVIRONMENT_TOLERANCE)
    return policy.tolerance if comparison.by_reference else max(policy.tolerance, PLAIN_CPU_TIME_TOLERANCE)


def _kind(result: Result, baseline: Baseline, comparison: Comparison, tolerance: float) -> Kind:
    if comparison.change is None:
        return Kind.INCOMPARABLE
    if not comparison.other_environment:
        return beyond(comparison.change, tolerance)
    if result.environment.isa != baseline.environment.isa:
        return Kind.INCOMPARABLE
    # Between classes of machines only a gross regression can be told; an improvement cannot.
    kind = beyond(comparison.change, tolerance)
    return kind if kind is Kind.REGRESSED else Kind.PASSED


def beyond(change: Change, tolerance: float) -> Kind:
    """Place a change against a tolerance; a change by the same factor downwards is an improvement."""
    low = change.point if change.low is None else change.low
    high = change.point if change.high is None else change.high
    if low > tolerance:
        return Kind.REGRESSED
    if high < 1 / (1 + tolerance) - 1:
        return Kind.IMPROVED
    return Kind.PASSED if high <= tolerance else Kind.INCONCLUSIVE


def _reasons(verdict: Verdict, baseline: Baseline) -> Iterator[str]:
    kind, change = verdict.kind, verdict.change
    if verdict.other_environment:
        yield (
            f"other environment: the baseline was recorded on {baseline.environment.id}, this is "
            f"{verdict.result.environment.id}; only a change beyond {format_change(verdict.tolerance)} could "
            "be told"
        )
    if kind is Kind.INCOMPARABLE and change:
        yield f"the instruction sets differ; the cost reads {format_change(change.point)} here"
    if kind is Kind.INCONCLUSIVE and change:
        if beyond(change, verdict.tolerance) is Kind.INCONCLUSIVE:
            yield _doubt(change, verdict.tolerance)
        yield from _unrest(verdict.result)
    if kind is Kind.REGRESSED and not verdict.factors:
        yield "nothing that is recorded changed since the baseline; look at the machine first"
    if _only_latency_grew(verdict):
        yield "latency grew while energy did not: the step waits for something, or the machine was busy"


def _doubt(change: Change, tolerance: float) -> str:
    low, high = (change.point if end is None else end for end in (change.low, change.high))
    return (
        f"the change lies between {format_change(low)} and {format_change(high)}, on either side of the "
        f"tolerance of {format_change(tolerance)}; more time per benchmark (--energy-time) or a quieter "
        "machine narrows it"
    )


def _unrest(result: Result) -> Iterator[str]:
    """Say by what the measurement was disturbed, and what would help, where that was most of the time."""
    rounds = sum(len(each.step_cpu_s) for each in result.samples)
    voided = sum(len(each.voided) for each in result.samples)
    if voided <= _MUCH * rounds:
        return
    counts = Counter[str]()
    for each in result.samples:
        counts.update(each.disturbances)
    worst = counts.most_common(1)[0][0]
    yield f"{voided} of {rounds} rounds were disturbed: {_DISTURBANCES.get(worst, worst)}"


def _only_latency_grew(verdict: Verdict) -> bool:
    latency = verdict.latency
    if latency is None or latency.low is None or verdict.kind not in {Kind.PASSED, Kind.IMPROVED}:
        return False
    return latency.low > verdict.tolerance


def _against_budget(verdict: Verdict, policy: Policy) -> Verdict:
    """Overrule a verdict where the figure exceeds its absolute ceiling, at the baseline's pins."""
    if policy.budget is None:
        return verdict
    value, half = _spent(verdict, policy.budget)
    if value <= policy.budget.value:
        return verdict
    kind = Kind.REGRESSED if value - half > policy.budget.value else Kind.INCONCLUSIVE
    if verdict.kind is Kind.REGRESSED:
        kind = Kind.REGRESSED
    unit = policy.budget.unit
    reason = (
        f"over budget: {format_quantity(value, unit, half)} per step, the ceiling is "
        f"{format_quantity(policy.budget.value, unit)}"
    )
    reasons = (reason, *verdict.reasons)
    return replace(verdict, kind=kind, reasons=reasons, fails=policy.fails(kind), over_budget=True)


def _spent(verdict: Verdict, budget: Ceiling) -> tuple[float, float]:
    """Return what a step costs in the unit of the budget, and the half-width of its random band."""
    result = verdict.result
    baseline = verdict.baseline
    # Another machine's power says nothing of what a step costs here.
    pins = result.pins if baseline is None or verdict.other_environment else baseline.pins
    energy_j = gated_energy_j(result.processes, pins)
    share = (result.energy.random_j or 0.0) / result.energy.energy_j
    if budget.unit == "J":
        return energy_j, energy_j * share
    carbon_g = energy_j / 3.6e6 * pins.pue * pins.intensity.g_per_kwh
    return carbon_g, carbon_g * share
