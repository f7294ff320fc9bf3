"""Student's t at whole degrees of freedom, without the half second that scipy takes to import."""

import math
from functools import cache

_HALVINGS = 60


@cache
def two_sided_quantile(confidence: float, freedom: int) -> float:
    """Return the t within which so much of the distribution lies, on both sides of 0.

    The finite sums of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, inverted
    by halving.

    Args:
        confidence: The share, between 0 and 1.
        freedom: Degrees of freedom, 1 or more.
    """
    low, high = 0.0, math.pi / 2
    for _ in range(_HALVINGS):
        angle = (low + high) / 2
        low, high = (angle, high) if _within(angle, freedom) < confidence else (low, angle)
    return math.sqrt(freedom) * math.tan(low)


def _within(angle: float, freedom: int) -> float:
    """Return the share between -t and t, at the angle whose tangent is t over the root of the freedom."""
    is_even, cosine = freedom % 2 == 0, math.cos(angle)
    term, total = 1.0 if is_even else cosine, 0.0
    for power in range(0 if is_even else 1, freedom - 1, 2):
        total += term
        term *= (power + 1) / (power + 2) * cosine**2
    return math.sin(angle) * total if is_even else 2 / math.pi * (angle + math.sin(angle) * total)
