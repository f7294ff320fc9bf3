"""Figures: the numbers of a verdict as text, each with its unit and what is known of its uncertainty."""

import re
from dataclasses import dataclass

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.gate.verdict import Change, Unchanged
from pytest_energy.quantities import format_change, format_quantity, format_range, format_to
from pytest_energy.results.energy import Pins
from pytest_energy.results.factors import FactorChange
from pytest_energy.results.result import Result
from pytest_energy.statistics.trimmed import spread, typical

STEPS = 1000
"""Emissions of one step are too small to be felt: they are told for so many."""

_CONFIDENCE = 0.98  # that of a baseline's band, for which no policy is at hand
_J_PER_KWH = 3.6e6
_HASH = re.compile(r"[0-9a-f]{40,}")
_HASH_SHOWN = 10
_NEARLY_ALL = 0.9


def latency(result: Result) -> str:
    """Wall time per step, trimmed over the processes."""
    return format_quantity(latency_s(result), "s")


def latency_s(result: Result) -> float:
    """Wall time per step in s, trimmed over the processes."""
    return typical([one.duration_s for one in result.processes])


def energy(result: Result) -> str:
    """Energy per step with its random band: ``12.34±0.05 mJ``, or ``12.3 mJ ± unknown``."""
    shown = format_quantity(result.energy.energy_j, "J", result.energy.random_j)
    return f"{shown} ± unknown" if result.energy.random_j is None else shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a benchmark that was not run measured last.

    Attributes:
        latency: Wall time per step.
        energy: Energy per step with its random band.
        carbon: Emissions of a thousand steps at the pins of then.
    """

    latency: str = "unknown"
    energy: str = "unknown"
    carbon: str = "unknown"


def remembered(one: Unchanged) -> Remembered:
    """The figures of a benchmark that was not run, from its baseline."""
    baseline = one.baseline
    if baseline is None:
        return Remembered()
    signal = baseline.factors.signal
    half = spread([each.seconds(signal) for each in baseline.processes], _CONFIDENCE)
    band = None if half is None else half * baseline.energy_j
    return Remembered(
        latency=format_quantity(typical([each.duration_s for each in baseline.processes]), "s"),
        energy=format_quantity(baseline.energy_j, "J", band),
        carbon=carbon_at(baseline.pins, baseline.energy_j),
    )


def systematic(result: Result) -> str:
    """Energy per step with the range that the power profile leaves open: ``12 (6 to 31) mJ``."""
    estimate = result.energy
    low, high = (estimate.energy_j * factor for factor in (estimate.systematic_low, estimate.systematic_high))
    return format_range(estimate.energy_j, low, high, "J")


def carbon(result: Result) -> str:
    """Operational emissions of a thousand steps."""
    return _grams(result.score.operational_g * STEPS, _relative(result))


def _relative(result: Result) -> float:
    """The random band of energy as a fraction of it; 0 where it is unknown."""
    energy = result.energy
    return energy.random_j / energy.energy_j if energy.random_j and energy.energy_j else 0.0


def _grams(grams: float, relative: float) -> str:
    return format_to(grams, "g", grams * relative)


def score(result: Result) -> str:
    """The Software Carbon Intensity term by term, per thousand steps: ``SCI = (E x I) + M per R = ...``."""
    sci, relative = result.score, _relative(result)
    energy_shown = format_to(result.energy.energy_j * STEPS, "J", result.energy.energy_j * STEPS * relative)
    terms = f"E {energy_shown} x PUE {sci.pue:g} x I {sci.intensity.in_words} = {carbon(result)}"
    if sci.embodied is None or sci.embodied_g is None:
        made = "M unknown, left out"
    else:
        made = f"M {format_quantity(sci.embodied_g * STEPS, 'g')}: {sci.embodied.in_words}"
    return f"SCI with R = {STEPS:,} steps: {terms}; {made}"


def carbon_at(pinned: Pins, energy_j: float) -> str:
    """Operational emissions of a thousand steps of so many joules, at pinned intensity and PUE."""
    return format_quantity(energy_j / _J_PER_KWH * pinned.pue * pinned.intensity.g_per_kwh * STEPS, "g")


def pins(pinned: Pins) -> str:
    """Profile, intensity and PUE: ``profile generic-cpu, 458 g/kWh (world average 2025), PUE 1``."""
    intensity = pinned.intensity
    place = intensity.place if intensity.year is None else f"{intensity.place} {intensity.year}"
    return f"profile {pinned.profile}, {intensity.g_per_kwh:g} g/kWh ({place}), PUE {pinned.pue:g}"


def change(difference: Change) -> str:
    """A change with its interval, for a sentence: ``+12.3 % (98 % interval +10.9 % to +13.8 %)``."""
    if difference.low is None or difference.high is None:
        return f"{format_change(difference.point)} (interval unknown)"
    sure = "interval" if difference.confidence is None else f"{difference.confidence * 100:g} % interval"
    ends = f"{format_change(difference.low)} to {format_change(difference.high)}"
    return f"{format_change(difference.point)} ({sure} {ends})"


def share(part: float) -> str:
    """A share in percent, with a digit more where it is nearly all: ``99.7 %``, ``83 %``."""
    return f"{part * 100:.{0 if part in (0, 1) or part < _NEARLY_ALL else 1}f} %"


def small_share(part: float) -> str:
    """A share in percent that may be tiny: ``0.42 %``, ``8.3 %``, ``61 %``."""
    return f"{part * 100:.2g} %" if part < 1 else "100 %"


def interval(difference: Change) -> str:
    """The interval of a change, for a table: ``[+10.9..+13.8]`` in percent."""
    if difference.low is None or difference.high is None:
        return "[unknown]"
    low, high = (format_change(end).removesuffix(" %") for end in (difference.low, difference.high))
    return f"[{low}..{high}]"


def factor(changed: FactorChange) -> str:
    """A changed factor in one line, hashes shortened: ``onnxruntime 1.31.0 -> 1.32.0``."""
    return f"{changed.name} {factor_value(changed.before)} -> {factor_value(changed.after)}"


def factor_value(text: str) -> str:
    """The value of a factor: a hash is shortened, and what is absent is said to be."""
    if _HASH.fullmatch(text):
        return f"{text[:_HASH_SHOWN]}..."
    return text or "(none)"


def provenance(baseline: Baseline) -> str:
    """Commit, date and reason of a baseline."""
    origin = baseline.provenance
    parts = [f"commit {origin.commit or 'unknown'}", origin.date]
    if origin.reason:
        parts.append(f"accepted because: {origin.reason}")
    return ", ".join(parts)
