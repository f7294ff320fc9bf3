"""Feed spread: whether what a step costs depends on what it is fed with, beyond noise.

Each process runs all feeds, so what slows a process as a whole, its luck with memory for instance, leaves the
ratios of its feeds alone. They are compared on the log scale, each pair of feeds by a t test on the residuals
of all, with Bonferroni's correction for the number of pairs.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_energy.statistics.trimmed import t_quantile

SIGNIFICANCE = 0.001
"""Share of the models without a difference that are said to have one."""

LEAST_SPREAD = 0.02
"""A difference that is smaller is not worth a reader's time."""

_LEAST_PROCESSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpread:
    """The range of costs.

    Attributes:
        low_s: CPU time of a step with the cheapest feed, in s.
        high_s: CPU time of a step with the dearest feed, in s.
    """

    low_s: float
    high_s: float


def feed_spread(costs: Sequence[Sequence[float]]) -> FeedSpread | None:
    """Return the range of costs where feeds differ; None where they do not, or too little is known.

    Args:
        costs: Per process the positive cost of each feed in s, the feeds in the same order.
    """
    feeds = len(costs[0]) if costs else 0
    if feeds < 2 or len(costs) < _LEAST_PROCESSES or any(len(each) != feeds for each in costs):  # noqa: PLR2004
        return None
    logs = [[math.log(cost) for cost in process] for process in costs]
    levels = [statistics.fmean(process) for process in logs]
    ratios = [[each - level for each in process] for process, level in zip(logs, levels, strict=True)]
    means = [statistics.fmean(column) for column in zip(*ratios, strict=True)]
    difference = max(means) - min(means)
    if difference < math.log1p(LEAST_SPREAD) or difference <= _least_difference(ratios, means):
        return None
    typical = statistics.median(levels)
    return FeedSpread(low_s=math.exp(typical + min(means)), high_s=math.exp(typical + max(means)))


def _least_difference(ratios: Sequence[Sequence[float]], means: Sequence[float]) -> float:
    """Return the difference between two feeds that noise alone hardly ever exceeds."""
    processes, feeds = len(ratios), len(means)
    freedom = (processes - 1) * (feeds - 1)
    residuals = ((each - mean) ** 2 for process in ratios for each, mean in zip(process, means, strict=True))
    error = math.sqrt(sum(residuals) / freedom * 2 / processes)
    pairs = feeds * (feeds - 1) / 2
    return error * t_quantile(1 - SIGNIFICANCE / (2 * pairs), freedom)
