"""A figure with its band, and how bands go into sums and products."""

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Banded:
    """A figure with the ends of its 90 % band.

    Attributes:
        value: The figure, 0 or more.
        low: Lower end, in the unit of the figure.
        high: Upper end.
    """

    value: float
    low: float
    high: float

    @classmethod
    def by_factors(cls, value: float, low: float, high: float) -> "Banded":
        """Return a figure whose band is given as factors on it, as a profile's is."""
        return cls(value=value, low=value * low, high=value * high)

    def times(self, other: "Banded") -> "Banded":
        """Return the product of independent figures: distances of logarithms add in quadrature."""
        value = self.value * other.value
        return Banded(
            value=value,
            low=value * math.exp(-math.hypot(_below(self), _below(other))),
            high=value * math.exp(math.hypot(_above(self), _above(other))),
        )


def total(parts: Iterable[Banded]) -> Banded:
    """Return the sum of independent figures: distances from the middle add in quadrature, on each side."""
    known = tuple(parts)
    value = sum(one.value for one in known)
    low = value - math.hypot(*(one.value - one.low for one in known))
    high = value + math.hypot(*(one.high - one.value for one in known))
    return Banded(value=value, low=max(0.0, low), high=high)


def _below(one: Banded) -> float:
    return math.log(one.value / one.low) if one.low > 0 else math.inf


def _above(one: Banded) -> float:
    return math.log(one.high / one.value) if one.value > 0 else 0.0
