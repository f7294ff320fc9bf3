"""The verdict on one benchmark, with its evidence."""

from dataclasses import dataclass
from enum import StrEnum

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.factors import FactorChange
from pytest_energy.results.result import Result


class Kind(StrEnum):
    """What can be said of a benchmark."""

    PASSED = "PASSED"
    IMPROVED = "IMPROVED"
    REGRESSED = "REGRESSED"
    INCONCLUSIVE = "INCONCLUSIVE"
    NEW = "NEW"
    INCOMPARABLE = "INCOMPARABLE"
    UNCHANGED = "UNCHANGED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A relative change of the cost of one step; 0.05 is 5 % more than the baseline.

    Attributes:
        point: Best estimate.
        low: Lower end of the interval; None where one process gave no interval.
        high: Upper end of the interval; None likewise.
        confidence: Two-sided confidence of the interval, e.g. 0.98; None likewise.
    """

    point: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of one benchmark, and why.

    Attributes:
        kind: The answer.
        result: What was measured.
        baseline: What it was compared with; None where there is none.
        change: Change of energy and emissions at the baseline's pins; None where there is no baseline.
        latency: Change of wall time per step, never gated; None where there is no baseline.
        tolerance: Fraction beyond which a change is a regression.
        factors: What changed since the baseline, by name.
        reasons: Sentences that explain the kind.
        operators: Sentences on which operators made the step dearer; empty where it was not asked.
        fails: Whether the policy makes it fail the build.
        other_environment: Whether the baseline was recorded on another class of machines.
        over_budget: Whether the figure exceeds its absolute ceiling.
        paired: Whether the baseline is another version, which ran at the same time, in alternation.
        compared_with: What that version is, in words, where it is neither a baseline's file nor a commit.
    """

    kind: Kind
    result: Result
    baseline: Baseline | None = None
    change: Change | None = None
    latency: Change | None = None
    tolerance: float
    factors: tuple[FactorChange, ...] = ()
    reasons: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    fails: bool = False
    other_environment: bool = False
    over_budget: bool = False
    paired: bool = False
    compared_with: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The verdict UNCHANGED on a benchmark that was not run, for nothing of it changed.

    Attributes:
        benchmark: What was not run.
        reason: How that is known.
        baseline: What it measured last; None where there is none.
    """

    benchmark: Benchmark
    reason: str
    baseline: Baseline | None = None
