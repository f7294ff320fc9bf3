"""Scatter: how much costs differ between the processes of a run, and how much more between runs.

What all processes of a run have in common, such as a neighbour that was busy all the while, moves the run as
a whole, and no number of processes averages it out. The two are told apart by the analysis of variance of a
one-way random model, on the log scale, where ratios are differences.

Source: S. R. Searle, G. Casella, C. E. McCulloch, "Variance Components" (Wiley, 1992), chapter 3.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """How much costs differ. All are relative: 0.01 is 1 %.

    Attributes:
        between_processes: Standard deviation between the processes of a run.
        between_runs: Standard deviation of what the processes of a run have in common; 0 where the runs
            differ by no more than their processes explain.
        largest: Largest deviation of a process from the mean of its run.
    """

    between_processes: float
    between_runs: float
    largest: float


def scatter_of(runs: Sequence[Sequence[float]]) -> Scatter:
    """Tell the two kinds of scatter apart.

    Args:
        runs: The positive costs of each run's processes: two runs or more, all of one size, which is two or
            more.

    Raises:
        ValueError: There are too few, their sizes differ, or a cost is not positive.
    """
    size = len(runs[0]) if runs else 0
    if len(runs) < 2 or size < 2 or any(len(run) != size for run in runs):  # noqa: PLR2004 - needed for a variance
        raise ValueError("scatter needs two runs of two processes at least, all of one size")
    if min(min(run) for run in runs) <= 0:
        raise ValueError("costs must be positive")
    logs = [[math.log(cost) for cost in run] for run in runs]
    means = [statistics.fmean(run) for run in logs]
    within = statistics.fmean(statistics.variance(run) for run in logs)
    beyond = statistics.variance(means) - within / size
    deviations = (abs(cost - mean) for run, mean in zip(logs, means, strict=True) for cost in run)
    return Scatter(
        between_processes=math.sqrt(within),
        between_runs=math.sqrt(max(0.0, beyond)),
        largest=math.expm1(max(deviations)),
    )
