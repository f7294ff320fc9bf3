"""Simulated runs: what the gate would say of runs whose processes scatter as measured ones do.

Costs are drawn from the processes that were measured, so that heavy tails and two-peaked costs stay what they
are; what all processes of a run have in common is drawn from a normal distribution. The rule is not modelled:
each drawn run goes through the very code that judges real ones.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.runner.acceptance import recorded
from pytest_energy.runner.confirmation import BASELINE_PROCESSES, LOOKS, Evidence, judge_in_looks

POWER = 0.99
"""Share of runs that must find a regression before it counts as seen."""

_LARGEST = 1.0  # what is not seen at twice the cost is not worth a figure
_RESOLUTION = 0.05  # relative width at which the search ends: drawing more finely would say no more
_NOWHERE = Provenance(commit=None, date="1970-01-01")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedRun:
    """The costs of one run and of the baseline that it is compared with, as if nothing had changed.

    Attributes:
        baseline: Costs of the baseline's processes.
        run: Costs of the run's, as many as its last look needs.
    """

    baseline: tuple[float, ...]
    run: tuple[float, ...]


def draw_runs(costs: Sequence[float], between_runs: float, count: int, seed: int) -> tuple[SimulatedRun, ...]:
    """Draw runs; equal arguments give equal runs.

    Args:
        costs: Costs of the processes that were measured.
        between_runs: Relative standard deviation of what the processes of a run have in common.
        count: Number of runs.
        seed: Seed of the draws.
    """
    source = random.Random(seed)  # noqa: S311 - a simulation, not a secret

    def drawn(size: int) -> tuple[float, ...]:
        common = math.exp(source.gauss(0, between_runs))
        return tuple(common * cost for cost in source.choices(costs, k=size))

    return tuple(SimulatedRun(baseline=drawn(BASELINE_PROCESSES), run=drawn(LOOKS[-1])) for _ in range(count))


def share_of(kind: Kind, runs: Sequence[SimulatedRun], template: Result, policy: Policy) -> float:
    """Return the share of runs without a change that get a verdict of some kind."""
    return sum(_verdict(run, 0.0, template, policy) is kind for run in runs) / len(runs)


def least_seen(runs: Sequence[SimulatedRun], template: Result, policy: Policy) -> float | None:
    """Return the smallest regression that is REGRESSED in 99 of 100 runs, as a fraction.

    Returns:
        The regression; None where even twice the cost is not seen so often.
    """
    if not _is_seen(_LARGEST, runs, template, policy):
        return None
    low, high = policy.tolerance, _LARGEST
    while high - low > _RESOLUTION * high:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if _is_seen(middle, runs, template, policy) else (middle, high)
    return high


def _is_seen(change: float, runs: Sequence[SimulatedRun], template: Result, policy: Policy) -> bool:
    """Whether a change is found often enough; the drawing ends as soon as it is not."""
    may_miss = int((1 - POWER) * len(runs))
    missed = 0
    for run in runs:
        missed += _verdict(run, change, template, policy) is not Kind.REGRESSED
        if missed > may_miss:
            return False
    return True


def _verdict(run: SimulatedRun, change: float, template: Result, policy: Policy) -> Kind:
    baseline = recorded(_result(template, run.baseline), _NOWHERE)
    evidence = Evidence(
        sample=lambda numbers: [(1 + change) * run.run[number] for number in numbers],
        judge=lambda costs: judge(_result(template, costs), baseline, policy),
    )
    return judge_in_looks(evidence, policy).kind


def _result(template: Result, costs: Sequence[float]) -> Result:
    """Put costs in the place of what was measured; the reference is taken for the unit of time.

    No model is named: of one that is recorded as unchanged, the judge would not believe a small change.
    """
    processes = (
        ProcessEstimate(cpu_s=cost, duration_s=cost, reference_cpu_s=1.0, cost=cost) for cost in costs
    )
    factors = replace(template.factors, model=None)
    return replace(template, processes=tuple(processes), factors=factors)
