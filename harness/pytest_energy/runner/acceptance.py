"""Acceptance: what ``--energy-update`` does with a verdict, and the baseline that it writes."""

from dataclasses import replace
from enum import StrEnum

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.schema import gated_energy_j
from pytest_energy.gate.judge import beyond
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate


class Action(StrEnum):
    """What becomes of a baseline."""

    RECORD = "recorded"
    REWRITE = "rewritten"
    REFRESH = "factors refreshed"
    LEAVE = "left as it was"
    KEEP = "kept: the benchmark regressed and no reason was given (--energy-reason)"

    @property
    def writes_figure(self) -> bool:
        """Whether a new figure is written, which should rest on a baseline's number of processes."""
        return self in {Action.RECORD, Action.REWRITE}


def decide(verdict: Verdict, reason: str | None) -> Action:
    """Decide what an update does.

    A regression needs a reason. A figure that did not change beyond noise keeps its value and provenance, so
    that five steps of +4 % cannot ratchet through; where only factors changed, they alone are refreshed. They
    are not where the figure is in doubt: should it turn out to have changed, they say why.
    """
    figure = _figure(verdict)
    if figure is Kind.REGRESSED and not reason:
        return Action.KEEP
    if verdict.baseline is None or verdict.other_environment:
        return Action.RECORD
    if figure in {Kind.IMPROVED, Kind.REGRESSED}:
        return Action.REWRITE
    if reason and _is_sure(verdict):
        return Action.REWRITE
    return Action.REFRESH if figure is Kind.PASSED and verdict.factors else Action.LEAVE


def recorded(result: Result, provenance: Provenance) -> Baseline:
    """Summarise a result as a new baseline."""
    return Baseline(
        benchmark=result.benchmark,
        environment=result.environment,
        factors=result.factors,
        processes=result.processes,
        pins=result.pins,
        energy_j=gated_energy_j(result.processes, result.pins),
        provenance=provenance,
    )


def refreshed(baseline: Baseline, result: Result) -> Baseline:
    """Take over the factors of a result whose figure did not change; value and provenance stay.

    Where the reference changed, costs are in another unit: the processes of the result are taken over, with
    their times scaled so that the gated figure keeps its value. Costs are ratios, which no scale changes.
    """
    if result.factors.reference == baseline.factors.reference:
        return replace(baseline, factors=result.factors)
    if result.factors.signal == "device":
        return replace(baseline, factors=result.factors)
    scale = baseline.energy_j / gated_energy_j(result.processes, baseline.pins)
    processes = tuple(_scaled(one, scale) for one in result.processes)
    return replace(baseline, factors=result.factors, processes=processes)


def _scaled(one: ProcessEstimate, scale: float) -> ProcessEstimate:
    return replace(
        one,
        cpu_s=one.cpu_s * scale,
        duration_s=one.duration_s * scale,
        reference_cpu_s=one.reference_cpu_s * scale,
    )


def _figure(verdict: Verdict) -> Kind:
    """Say what became of the figure itself: one that is over its budget may not have changed at all."""
    if not verdict.over_budget:
        return verdict.kind
    return Kind.NEW if verdict.change is None else beyond(verdict.change, verdict.tolerance)


def _is_sure(verdict: Verdict) -> bool:
    """Whether a figure surely changed, though not surely too much, or for no cause that is recorded."""
    change = verdict.change
    if change is None or change.low is None:
        return False
    if verdict.kind is Kind.INCONCLUSIVE and change.low > 0:
        return True
    return beyond(change, verdict.tolerance) is Kind.IMPROVED
