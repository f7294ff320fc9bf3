"""Trimmed means of logarithms, and the interval of a ratio between two groups of processes.

Costs of processes are compared on the log scale, where a ratio is a difference. Their tails are heavy: a process
that landed badly in memory or met a busy neighbour may read 10 % high. Trimming a fifth at each end keeps such a
process from moving the estimate, and Winsorizing keeps it in the variance.

Source: K. K. Yuen and W. J. Dixon, "The approximate behaviour and performance of the two-sample trimmed t",
Biometrika 60 (1973) 369-374.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

TRIM = 0.2
"""Share of the values that is trimmed at each end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioInterval:
    """A ratio between two groups, with its interval.

    Attributes:
        point: Ratio of the trimmed geometric means (dimensionless).
        low: Lower end of the two-sided interval.
        high: Upper end.
        confidence: Two-sided confidence, e.g. 0.98.
    """

    point: float
    low: float
    high: float
    confidence: float


def typical(values: Sequence[float]) -> float:
    """Return the trimmed geometric mean of positive values.

    Raises:
        ValueError: There are no values, or one is not positive.
    """
    return math.exp(_trimmed_mean(_sorted_logs(values)))


def ratio_interval(after: Sequence[float], before: Sequence[float], confidence: float) -> RatioInterval:
    """Return ``after / before`` with the pooled two-sample trimmed-t interval.

    Args:
        after: One positive value per process of the run, at least two.
        before: One positive value per process of the baseline, at least two.
        confidence: Two-sided confidence, between 0 and 1.

    Raises:
        ValueError: A group has fewer than two values, or a value is not positive.
    """
    new, old = _sorted_logs(after), _sorted_logs(before)
    if min(len(new), len(old)) < 2:  # noqa: PLR2004 - one value has no variance
        raise ValueError("an interval needs at least two processes on each side")
    kept_new, kept_old = _kept(len(new)), _kept(len(old))
    freedom = kept_new + kept_old - 2
    variance = (_winsorized_squares(new) + _winsorized_squares(old)) / freedom
    half = _t_quantile((1 + confidence) / 2, freedom) * math.sqrt(variance * (1 / kept_new + 1 / kept_old))
    point = _trimmed_mean(new) - _trimmed_mean(old)
    return RatioInterval(
        point=math.exp(point), low=math.exp(point - half), high=math.exp(point + half), confidence=confidence
    )


def spread(values: Sequence[float], confidence: float) -> float | None:
    """Return the relative half-width of the interval of ``typical(values)``; None for fewer than two values."""
    logs = _sorted_logs(values)
    if len(logs) < 2:  # noqa: PLR2004 - one value has no variance
        return None
    kept = _kept(len(logs))
    freedom = max(kept - 1, 1)
    return _t_quantile((1 + confidence) / 2, freedom) * math.sqrt(_winsorized_squares(logs) / freedom / kept)


def _sorted_logs(values: Sequence[float]) -> list[float]:
    if not values or min(values) <= 0:
        raise ValueError("costs must be positive, and there must be at least one")
    return sorted(math.log(value) for value in values)


def _trimmed(count: int) -> int:
    """Values cut at each end: rounded, so that one of four is already guarded against."""
    return int(TRIM * count + 0.5) if count > 3 else 0  # noqa: PLR2004 - at least two must be left


def _kept(count: int) -> int:
    return count - 2 * _trimmed(count)


def _trimmed_mean(ordered: Sequence[float]) -> float:
    cut = _trimmed(len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    return math.fsum(kept) / len(kept)


def _winsorized_squares(ordered: Sequence[float]) -> float:
    """Sum of squared deviations after the trimmed values are replaced by the nearest kept ones."""
    cut = _trimmed(len(ordered))
    low, high = ordered[cut], ordered[len(ordered) - cut - 1]
    clipped = [min(max(value, low), high) for value in ordered]
    mean = math.fsum(clipped) / len(clipped)
    return math.fsum((value - mean) ** 2 for value in clipped)


def _t_quantile(probability: float, freedom: int) -> float:
    # Imported here: scipy.special takes tens of milliseconds that only a judged run has to spend.
    from scipy.special import stdtrit  # noqa: PLC0415

    return float(stdtrit(freedom, probability))
