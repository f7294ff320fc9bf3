"""Trimmed means of logarithms, and the interval of a ratio between two groups of processes.

Costs of processes are compared on the log scale, where a ratio is a difference. Their tails are heavy: a
process that landed badly in memory or met a busy neighbour may read 10 % high. Trimming a fifth at each end
keeps such a process from moving the estimate, and Winsorizing keeps it in the variance. Fewer than five
values are not trimmed: there an outlier widens the interval instead. The variances of the two groups are kept
apart: where the machine is busy now and was quiet for the baseline, many quiet processes must not vouch for a
few noisy ones.

Source: K. K. Yuen, "The two-sample trimmed t for unequal population variances", Biometrika 61 (1974) 165-170.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

TRIM = 0.2
"""Share of the values that is trimmed at each end."""

_WIDEST = 100.0  # half-width on the log scale: it says that nothing is known, and its exponential is finite


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Uncertainty:
    """Variance of a trimmed mean, and the degrees of freedom that it was estimated with."""

    variance: float
    freedom: int


def typical(values: Sequence[float]) -> float:
    """Return the trimmed geometric mean of positive values.

    Raises:
        ValueError: There are no values, or one is not positive.
    """
    return math.exp(_centre(tuple(values)))


def ratio_interval(after: Sequence[float], before: Sequence[float], confidence: float) -> RatioInterval:
    """Return ``after / before`` with the interval of the two-sample trimmed t (Yuen-Welch).

    Args:
        after: One positive value per process of the run, at least two.
        before: One positive value per process of the baseline, at least two.
        confidence: Two-sided confidence, between 0 and 1.

    Raises:
        ValueError: A group has fewer than two values, or a value is not positive.
    """
    new, old = tuple(after), tuple(before)
    point = _centre(new) - _centre(old)
    if min(len(new), len(old)) < 2:  # noqa: PLR2004 - one value has no variance
        raise ValueError("an interval needs at least two processes on each side")
    half = _half_width([_uncertainty(new), _uncertainty(old)], confidence)
    return RatioInterval(
        point=math.exp(point), low=math.exp(point - half), high=math.exp(point + half), confidence=confidence
    )


def typical_interval(values: Sequence[float], confidence: float) -> RatioInterval:
    """Return the trimmed geometric mean of positive values with its interval.

    Args:
        values: One positive value per process, at least two: ratios between two things that it ran.
        confidence: Two-sided confidence, between 0 and 1.

    Raises:
        ValueError: There are fewer than two values, or one is not positive.
    """
    costs = tuple(values)
    point = _centre(costs)
    if len(costs) < 2:  # noqa: PLR2004 - one value has no variance
        raise ValueError("an interval needs at least two processes")
    half = _half_width([_uncertainty(costs)], confidence)
    return RatioInterval(
        point=math.exp(point), low=math.exp(point - half), high=math.exp(point + half), confidence=confidence
    )


def spread(values: Sequence[float], confidence: float) -> float | None:
    """Return the relative half-width of the interval of ``typical(values)``; None for a single value."""
    costs = tuple(values)
    if len(costs) < 2:  # noqa: PLR2004 - one value has no variance
        _centre(costs)  # refuses what is not positive, and nothing at all
        return None
    return math.expm1(_half_width([_uncertainty(costs)], confidence))


def _sorted_logs(values: Sequence[float]) -> list[float]:
    if not values or min(values) <= 0:
        raise ValueError("costs must be positive, and there must be at least one")
    return sorted(math.log(value) for value in values)


def _cut(count: int) -> int:
    """Values cut at each end."""
    return int(TRIM * count)


# The same processes are compared with many others, quantity by quantity.
@lru_cache(maxsize=1024)
def _centre(values: tuple[float, ...]) -> float:
    """Return the trimmed mean of their logarithms."""
    ordered = _sorted_logs(values)
    cut = _cut(len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    return math.fsum(kept) / len(kept)


@lru_cache(maxsize=1024)
def _uncertainty(values: tuple[float, ...]) -> _Uncertainty:
    """Estimate it from squared deviations, after the trimmed values are replaced by the nearest kept ones."""
    ordered = _sorted_logs(values)
    cut = _cut(len(ordered))
    kept = len(ordered) - 2 * cut
    low, high = ordered[cut], ordered[-cut - 1]
    clipped = [min(max(value, low), high) for value in ordered]
    mean = math.fsum(clipped) / len(clipped)
    squares = math.fsum((value - mean) ** 2 for value in clipped)
    return _Uncertainty(variance=squares / (kept - 1) / kept, freedom=kept - 1)


def _half_width(parts: Sequence[_Uncertainty], confidence: float) -> float:
    """Return half the width of the interval of a sum of trimmed means, with Welch's degrees of freedom."""
    variance = math.fsum(part.variance for part in parts)
    if variance == 0:
        return 0.0
    freedom = 1 / math.fsum((part.variance / variance) ** 2 / part.freedom for part in parts)
    return min(t_quantile((1 + confidence) / 2, freedom) * math.sqrt(variance), _WIDEST)


def t_quantile(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t distribution."""
    # Imported here: scipy.special takes tens of milliseconds that only a judged run has to spend.
    from scipy.special import stdtrit  # noqa: PLC0415

    return float(stdtrit(freedom, probability))
