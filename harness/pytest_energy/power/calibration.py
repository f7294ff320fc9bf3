"""Calibration: a power curve fitted to metered steps of load. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LEAST_BAND = 0.05
"""Half-width that a band has at least: what a processor's counters are off against a meter at its supply."""

_SPREAD = 1e-3  # loads nearer to each other than this share of all cores are one point of the curve


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStep:
    """One metered step.

    Attributes:
        name: What ran, e.g. ``idle``, ``compute on 4``, ``memory on 4``, or a model's name.
        is_curve: Whether the curve goes through it; the others only say how far the curve is off.
        busy_cores: CPU-seconds per second of what ran.
        power_w: Mean power of the processor in W.
        duration_s: How long it was metered, in s.
        memory_w: Mean power of main memory in W; None where it is not counted.
    """

    name: str
    is_curve: bool
    busy_cores: float
    power_w: float
    duration_s: float
    memory_w: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """How far the curve is from one step.

    Attributes:
        step: The step.
        fitted_w: What the curve says in W.
    """

    step: LoadStep
    fitted_w: float

    @property
    def ratio(self) -> float:
        """Measured power as a factor of the fitted."""
        return self.step.power_w / self.fitted_w


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A fitted curve.

    Attributes:
        curve: Points (share of busy cores, W) from 0 to 1, not falling.
        band: Factors that hold every step, and ``LEAST_BAND`` at least.
        residuals: One per step.
        extrapolated_from: Highest load that was metered, where that was less than all cores; else None.
    """

    curve: tuple[tuple[float, float], ...]
    band: tuple[float, float]
    residuals: tuple[Residual, ...]
    extrapolated_from: float | None


def fit_curve(steps: Sequence[LoadStep], cores: int) -> Calibration:
    """Fit the curve that never falls and is nearest to the steps, in least squares weighted by time.

    Args:
        steps: An idle one and one under load at least; those off the curve only widen the band.
        cores: Physical cores of the machine.
    """
    on_curve = sorted((one for one in steps if one.is_curve), key=lambda one: one.busy_cores)
    points = _never_falling(
        _merged([(one.busy_cores / cores, one.power_w, one.duration_s) for one in on_curve])
    )
    highest = points[-1][0]
    curve = _whole_range(points)
    residuals = tuple(
        Residual(step=one, fitted_w=_power_w(curve, min(1.0, one.busy_cores / cores))) for one in steps
    )
    ratios = [one.ratio for one in residuals]
    return Calibration(
        curve=tuple((round(load, 4), round(watts, 3)) for load, watts in curve),
        band=(
            round(min(1 - LEAST_BAND, *ratios), 3),
            round(max(1 + LEAST_BAND, *ratios), 3),
        ),
        residuals=residuals,
        extrapolated_from=highest if highest < 1 - LEAST_BAND else None,
    )


def _merged(points: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Join steps of one load; each becomes a point (load, W, weight)."""
    merged: list[tuple[float, float, float]] = []
    for load, watts, weight in points:
        if merged and load - merged[-1][0] < _SPREAD:
            _, before_w, before = merged[-1]
            both = before + weight
            merged[-1] = (merged[-1][0], (before_w * before + watts * weight) / both, both)
        else:
            merged.append((load, watts, weight))
    return merged


def _never_falling(points: Sequence[tuple[float, float, float]]) -> list[tuple[float, float]]:
    """Pool adjacent violators: the isotonic regression (Ayer et al. 1955)."""
    pools: list[tuple[list[float], float, float]] = []  # loads, W, weight
    for load, watts, weight in points:
        pools.append(([load], watts, weight))
        while len(pools) > 1 and pools[-2][1] > pools[-1][1]:
            loads, high_w, after = pools.pop()
            before_loads, low_w, before = pools.pop()
            both = before + after
            pools.append((before_loads + loads, (low_w * before + high_w * after) / both, both))
    return [(load, watts) for loads, watts, _ in pools for load in loads]


def _whole_range(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Let a curve begin at load 0 and end at load 1."""
    curve = [(0.0, points[0][1]), *points[1:]]
    (load_0, power_0), (load_1, power_1) = curve[-2:]
    if load_1 >= 1 - _SPREAD:
        return [*((load, watts) for load, watts in curve[:-1] if load < 1), (1.0, power_1)]
    rising = (power_1 - power_0) / (load_1 - load_0)
    return [*curve, (1.0, power_1 + rising * (1 - load_1))]


def _power_w(curve: Sequence[tuple[float, float]], load: float) -> float:
    for (load_0, power_0), (load_1, power_1) in pairwise(curve):
        if load <= load_1:
            return power_0 + (power_1 - power_0) * (load - load_0) / (load_1 - load_0)
    return curve[-1][1]
