"""The comparison: by how much a result's cost differs from a baseline's, and how surely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.gate.verdict import Change
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.statistics.trimmed import RatioInterval, ratio_interval, typical, typical_interval

_SIGNALS = {"cpu": "CPU time", "device": "wall time of a device"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What comparing a result with a baseline yields.

    Attributes:
        change: Change of the gated cost; None where the two cannot be compared.
        latency: Change of wall time per step; None likewise.
        other_environment: Whether the machines are of different classes.
        by_reference: Whether costs were compared in units of the reference, else as plain CPU time.
        paired: Whether both sides ran in the same processes.
        remarks: Sentences on how the comparison was made.
    """

    change: Change | None
    latency: Change | None
    other_environment: bool
    by_reference: bool = True
    paired: bool = False
    remarks: tuple[str, ...] = ()


def compare(result: Result, baseline: Baseline, confidence: float) -> Comparison:
    """Compare the cost of a step, in units of the reference wherever both sides have the same one."""
    signal = result.factors.signal
    if signal != baseline.factors.signal:
        return _other_signal(result, baseline)
    if signal == "device":
        return _compare_devices(result, baseline, confidence)
    elsewhere = result.environment.id != baseline.environment.id
    same_reference = result.factors.reference == baseline.factors.reference
    latency = None if elsewhere else _change(result, baseline, lambda one: one.duration_s, confidence)
    if elsewhere and not same_reference:
        remark = (
            f"the reference is another ({baseline.factors.reference} there, {result.factors.reference} here)"
        )
        return Comparison(change=None, latency=None, other_environment=True, remarks=(remark,))
    if not same_reference:
        remark = (
            f"compared by plain CPU time, since the reference changed ({baseline.factors.reference} -> "
            f"{result.factors.reference}): less can be told; --energy-update restores full sensitivity"
        )
        return Comparison(
            change=_change(result, baseline, lambda one: one.cpu_s, confidence),
            latency=latency,
            other_environment=False,
            by_reference=False,
            remarks=(remark,),
        )
    change = _change(result, baseline, lambda one: one.cost, confidence)
    return Comparison(change=change, latency=latency, other_environment=elsewhere)


def _other_signal(result: Result, baseline: Baseline) -> Comparison:
    remark = (
        f"the baseline was read from {_SIGNALS[baseline.factors.signal]}, this result from "
        f"{_SIGNALS[result.factors.signal]}: the work moved between processor and device"
    )
    elsewhere = result.environment.id != baseline.environment.id
    return Comparison(change=None, latency=None, other_environment=elsewhere, remarks=(remark,))


def _compare_devices(result: Result, baseline: Baseline, confidence: float) -> Comparison:
    """Compare wall times of devices, which say nothing of each other on different machines."""
    if result.environment.id != baseline.environment.id:
        remark = "wall time on a device cannot be compared between classes of machines"
        return Comparison(change=None, latency=None, other_environment=True, remarks=(remark,))
    change = _change(result, baseline, lambda one: one.cost, confidence)
    return Comparison(change=change, latency=change, other_environment=False)


def compare_pair(result: Result, other: Baseline, confidence: float) -> Comparison:
    """Compare two versions that ran in the same processes, process by process.

    What differs between processes, the pace of the machine and most of its noise, is the same for both sides
    of a process and leaves the ratio alone: no reference is needed.
    """
    return Comparison(
        change=_paired_change(result, other, lambda one: one.seconds(result.factors.signal), confidence),
        latency=_paired_change(result, other, lambda one: one.duration_s, confidence),
        other_environment=False,
        paired=True,
    )


def _paired_change(
    result: Result, other: Baseline, quantity: Callable[[ProcessEstimate], float], confidence: float
) -> Change:
    ratios = [
        quantity(after) / quantity(before)
        for after, before in zip(result.processes, other.processes, strict=True)
    ]
    return _as_change(typical_interval(ratios, confidence))


def _change(
    result: Result, baseline: Baseline, quantity: Callable[[ProcessEstimate], float], confidence: float
) -> Change:
    after, before = [quantity(one) for one in result.processes], [quantity(one) for one in baseline.processes]
    if min(len(after), len(before)) == 1:
        return Change(point=typical(after) / typical(before) - 1)
    return _interval(after, before, confidence)


def _interval(after: Sequence[float], before: Sequence[float], confidence: float) -> Change:
    return _as_change(ratio_interval(after, before, confidence))


def _as_change(ratio: RatioInterval) -> Change:
    return Change(point=ratio.point - 1, low=ratio.low - 1, high=ratio.high - 1, confidence=ratio.confidence)
