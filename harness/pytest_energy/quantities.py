"""Percentages, joules, grams, seconds and bytes: read from text, written with their uncertainty."""

import math
import re
from dataclasses import dataclass
from typing import Literal

_PREFIXES = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
_TONNE_G = 1e6  # what a million grams are called
_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-zA-Zµ%]*)\s*")
_MEMORY_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_MOST_DIGITS = 3
_TENFOLD = 10.0
_SHORTEST_S, _LONGEST_S = 1e-6, 3600.0
_GREEK_MU = "\N{GREEK SMALL LETTER MU}"  # looks like the micro sign; keyboards differ in which they write


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """An absolute limit per step: joules of energy, or grams of CO2 equivalent.

    Attributes:
        value: The limit, in ``unit``.
        unit: ``"J"`` or ``"g"``.
    """

    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySize:
    """An amount of memory: so many bytes, or a share of what there is.

    Attributes:
        size_bytes: Bytes; None for a share.
        share: The share, 0.75 for three quarters; None for bytes.
    """

    size_bytes: int | None = None
    share: float | None = None


def parse_fraction(text: str) -> float:
    """Read a percentage, ``"5"`` or ``"5%"``, as the fraction 0.05.

    Raises:
        ValueError: The text is no percentage, it is negative or not finite, or it looks like a fraction: a
            bare ``0.05`` may mean 5 % or 0.05 %.
    """
    match = _QUANTITY.fullmatch(text)
    if not match or match[2] not in {"", "%"}:
        raise ValueError(f"{text!r} is not a percentage such as 5%")
    percent = float(match[1])
    if not (math.isfinite(percent) and percent >= 0):
        raise ValueError(f"{text!r} must be a percentage of 0 or more")
    if not match[2] and 0 < percent < 1:
        raise ValueError(f"{text!r} may mean {percent:g}% or {percent * 100:g}%: write it with its % sign")
    return percent / 100


def parse_least_share(text: str) -> float:
    """Read how much of something is asked for: ``"all"``, ``"any"``, or a percentage such as ``"90%"``.

    Raises:
        ValueError: The text is none of these, or more than all.
    """
    named = {"all": 1.0, "any": 0.0}.get(text.strip().lower())
    share = parse_fraction(text) if named is None else named
    if share > 1:
        raise ValueError(f'{text!r} is no share: give "all", "any", or a percentage up to 100%')
    return share


def parse_duration_s(text: str) -> float:
    """Read a duration such as ``"20 ms"`` or ``"1.5 s"``, in s.

    Raises:
        ValueError: The text is no duration with a unit, or it is not between a microsecond and an hour.
    """
    match = _QUANTITY.fullmatch(text.replace(_GREEK_MU, "µ"))
    scale = _PREFIXES.get(match[2][:-1]) if match and match[2].endswith("s") else None
    if not match or scale is None:
        raise ValueError(f"{text!r} is not a duration such as '20 ms'")
    value = float(match[1]) * scale
    if not _SHORTEST_S <= value <= _LONGEST_S:
        raise ValueError(f"{text!r} must be a duration between 1 us and 3600 s")
    return value


def parse_agreement(text: str) -> float | Literal["off"]:
    """Read how far outputs may be from expected ones: ``"off"``, or a fraction such as ``"1e-2"``.

    Raises:
        ValueError: The text is none of these.
    """
    if text.strip().lower() == "off":
        return "off"
    match = _QUANTITY.fullmatch(text)
    if not match or match[2] not in {"", "%"}:
        raise ValueError(f"{text!r} is neither a fraction such as '1e-2' nor 'off'")
    fraction = float(match[1]) * (0.01 if match[2] else 1.0)
    if not (math.isfinite(fraction) and fraction >= 0):
        raise ValueError(f"{text!r} must be a fraction of 0 or more")
    return fraction


def parse_ceiling(text: str) -> Ceiling:
    """Read an absolute limit per step such as ``"2 mJ"`` or ``"40 ug"``.

    Raises:
        ValueError: The text has no known unit, or the value is not positive.
    """
    match = _QUANTITY.fullmatch(text.replace(_GREEK_MU, "µ"))
    unit = match[2][-1:] if match else ""
    prefix = match[2][:-1] if match else ""
    if not match or unit not in {"J", "g"} or prefix not in _PREFIXES:
        raise ValueError(f"{text!r} is not an energy such as '2 mJ' nor a mass such as '40 ug'")
    value = float(match[1]) * _PREFIXES[prefix]
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{text!r} must be more than 0")
    return Ceiling(value=value, unit=unit)


def parse_memory(text: str) -> MemorySize:
    """Read an amount of memory such as ``"8 GiB"``, ``"500 MB"`` or ``"75%"``.

    Raises:
        ValueError: The text has no known unit, or the value is not positive.
    """
    match = _QUANTITY.fullmatch(text)
    if not match or match[2] not in {*_MEMORY_UNITS, "%"}:
        raise ValueError(f"{text!r} is not an amount of memory such as '8 GiB' or '75%'")
    value = float(match[1])
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{text!r} must be more than 0")
    if match[2] == "%":
        return MemorySize(share=value / 100)
    return MemorySize(size_bytes=int(value * _MEMORY_UNITS[match[2]]))


def format_memory(size_bytes: int) -> str:
    """Write an amount of memory with the largest binary unit that leaves 1 or more: ``1.5 GiB``."""
    name = next((unit for unit in ("GiB", "MiB", "KiB") if size_bytes >= _MEMORY_UNITS[unit]), "B")
    return f"{size_bytes / _MEMORY_UNITS[name]:.3g} {name}"


def _scaled(value: float, unit: str) -> tuple[float, str]:
    """Return the factor and the prefixed unit in which ``value`` reads as 1 to 999; 0 has no prefix."""
    if value == 0:
        return 1.0, unit
    for prefix in ("p", "n", "u", "m", "", "k"):
        factor = _PREFIXES[prefix]
        if abs(value) < 999.5 * factor:
            return factor, prefix + unit
    return (_TONNE_G, "t") if unit == "g" else (_PREFIXES["M"], "M" + unit)


def _digits_for(value: float, uncertainty: float) -> int:
    """Return the decimals that count: to the first digit of ``uncertainty``, else three digits in all.

    They are fewer than 0 where not even ones count: 463±47 is 460±50.
    """
    size, wanted = (uncertainty, 1) if uncertainty > 0 else (abs(value), 3)
    # The exponent after rounding: 9.996 has as many decimals as the 10.0 that it becomes.
    exponent = int(f"{size:.{wanted - 1}e}".partition("e")[2])
    digits = wanted - 1 - exponent if size else 0
    return digits if uncertainty > 0 else max(0, digits)


def _rounded(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{max(0, digits)}f}"


def format_quantity(value: float | None, unit: str, uncertainty: float | None = None) -> str:
    """Write a quantity with an SI prefix, with no more digits than its uncertainty allows.

    Args:
        value: In base units (J, g, s); None is written as "unknown".
        unit: ``"J"``, ``"g"`` or ``"s"``.
        uncertainty: Half-width of the band around ``value``, in the same unit.
    """
    if value is None:
        return "unknown"
    factor, shown = _scaled(max(abs(value), uncertainty or 0.0), unit)
    scaled, band = value / factor, (uncertainty or 0.0) / factor
    digits = _digits_for(scaled, band)
    if uncertainty is None:
        return f"{_rounded(scaled, digits)} {shown}"
    return f"{_rounded(scaled, digits)}±{_rounded(band, digits)} {shown}"


def format_to(value: float, unit: str, uncertainty: float) -> str:
    """Write a quantity to the digit that its uncertainty allows, which is told elsewhere: ``1.9 mJ``.

    It has three digits at most, and one at least.
    """
    factor, shown = _scaled(abs(value), unit)
    scaled, band = value / factor, min(abs(value), uncertainty) / factor
    return f"{_rounded(scaled, min(_digits_for(scaled, 0.0), _digits_for(scaled, band)))} {shown}"


def format_range(value: float, low: float, high: float, unit: str) -> str:
    """Write a quantity with the ends of its band, to the digit that it allows: ``460 (420 to 1160) uJ``.

    Args:
        value: In base units (J, g, s).
        low: Lower end of its band.
        high: Upper end.
        unit: ``"J"``, ``"g"``, ``"s"`` or ``"Wh"``.
    """
    factor, shown = _scaled(abs(value), unit)
    sides = [side for side in (value - low, high - value) if side > 0]
    digits = _digits_for(value / factor, min(sides, default=0.0) / factor)
    # An end that is smaller than that digit keeps one of its own: 5 is not 0.
    ends = [(end / factor, max(digits, _digits_for(end / factor, abs(end) / factor))) for end in (low, high)]
    texts = (_rounded(*each) for each in ((value / factor, digits), *ends))
    return "{} ({} to {}) ".format(*texts) + shown


def format_number(value: float, uncertainty: float = 0.0, *, fewest: int = 1) -> str:
    """Write a plain number to the digit that its uncertainty allows: ``2,950``, ``130,000``, ``5.6``.

    Args:
        value: The number.
        uncertainty: Half-width of the band around it; 0 where it is not known.
        fewest: Digits that it keeps however unsure it is; it has three at most.
    """
    first = _exponent(value)
    sure = 1 + first - _exponent(uncertainty) if uncertainty > 0 else _MOST_DIGITS
    kept = max(fewest, min(sure, _MOST_DIGITS))
    rounded = float(f"{value:.{kept - 1}e}")
    return f"{rounded:,.{max(0, kept - 1 - _exponent(rounded))}f}"


def format_ratio(ratio: float) -> str:
    """Write a ratio with two digits: ``0.68``, ``1.1``, ``120``, ``3,000``."""
    return f"{float(f'{ratio:.2g}'):,.10g}"


def _exponent(value: float) -> int:
    """Return the power of ten of the first digit."""
    return int(f"{value:e}".partition("e")[2])


def format_change(fraction: float, decimals: int = 1) -> str:
    """Write a relative change: 0.1234 as ``+12.3 %``; nothing is written as ``-0.0 %``.

    From ten times as much on, decimals would be noise: 2949.0 is ``+294,900 %``.
    """
    shown = 0 if abs(fraction) >= _TENFOLD else decimals
    return f"{round(fraction * 100, shown) + 0.0:+,.{shown}f} %"


_TARGET = re.compile(r"\s*loss\s*<\s*([0-9.eE+-]+)\s*")


def parse_target(text: str) -> float:
    """Read what training is to reach, ``loss < 0.2``, and return the loss.

    Raises:
        ValueError: It is written otherwise, or no number above 0.
    """
    found = _TARGET.fullmatch(text)
    try:
        loss = float(found[1]) if found else math.nan
    except ValueError:
        loss = math.nan
    if not (math.isfinite(loss) and loss > 0):
        raise ValueError(f'{text!r} is no target: write "loss < 0.2"')
    return loss
