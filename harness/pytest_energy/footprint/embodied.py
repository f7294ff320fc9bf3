"""Embodied emissions: the part of a machine's making that a step uses up, M of ISO/IEC 21031:2024."""

import difflib
import math
import re
from dataclasses import dataclass, replace

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.shipped import shipped
from pytest_energy.results.energy import Embodied

_LIFETIME_YEARS = 4.0
_LONGEST_YEARS = 50.0
_HEAVIEST_KG = 1e6
_UNKNOWN_BAND = (0.5, 2.0)
_FORM = (
    "Write DEVICE or a mass in kg, then lifetime in years and reserved share where they differ: "
    "server,lifetime=5,share=4/128 or 1500kg"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbodiedChoice:
    """A device, of which it may still be open how much of it is reserved.

    Attributes:
        device: The device; its share counts only where ``share_given``.
        share_given: Whether the user said how much of it is reserved.
    """

    device: Embodied
    share_given: bool

    def reserved_by(self, threads: int, units: int | None) -> Embodied | None:
        """Return the device with the share that so many threads reserve; None if that is unknown.

        Args:
            threads: Threads that compute.
            units: Cores or hardware threads of the device, of the whole host where the machine is a share of
                one; None if unknown.
        """
        if self.share_given:
            return self.device
        return None if units is None else replace(self.device, share=min(1.0, threads / units))


def embodied_choice(text: str) -> EmbodiedChoice:
    """Read ``DEVICE[,lifetime=YEARS][,share=FRACTION]``, the device by name or as its mass in kg.

    Raises:
        CarbonError: The device is unknown, or a figure cannot be true.
    """
    what, *rest = (part.strip() for part in text.split(","))
    device = _by_mass(what) or _by_name(what)
    given = dict(_setting(part, text) for part in rest)
    if "lifetime" in given:
        years = _number(given["lifetime"].removesuffix("y"), "lifetime", _LONGEST_YEARS)
        device = replace(device, lifetime_years=years)
    if "share" in given:
        device = replace(device, share=_share(given["share"]))
    return EmbodiedChoice(device=device, share_given="share" in given)


def devices() -> dict[str, Embodied]:
    """Return every device whose embodied emissions ship with this package, by its id."""
    return {
        row["id"]: Embodied(
            device=row["name"],
            kg=float(row["kg"]),
            band_low=row["band"][0],
            band_high=row["band"][1],
            lifetime_years=float(row["lifetime_years"]),
            share=1.0,
            source=f"{row['source']} ({row['year']})",
        )
        for row in shipped("embodied.toml")["device"]
    }


def _by_mass(text: str) -> Embodied | None:
    match = re.fullmatch(r"(-?[\d.]+(?:e[+-]?\d+)?)\s*(k?g|t)", text.lower())
    if not match:
        return None
    kg = _number(match[1], "mass", math.inf) * {"g": 1e-3, "kg": 1.0, "t": 1e3}[match[2]]
    low, high = _UNKNOWN_BAND
    return Embodied(
        device="device of the user's",
        kg=_number(str(kg), "mass in kg", _HEAVIEST_KG),
        band_low=low,
        band_high=high,
        lifetime_years=_LIFETIME_YEARS,
        share=1.0,
        source="given by the user",
    )


def _by_name(text: str) -> Embodied:
    known = devices()
    if text.lower() in known:
        return known[text.lower()]
    near = difflib.get_close_matches(text.lower(), known, n=2, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise CarbonError(f"No device is named {text!r}. {hint}Known: {', '.join(known)}. {_FORM}")


def _setting(part: str, text: str) -> tuple[str, str]:
    key, equals, value = (each.strip() for each in part.partition("="))
    if not equals or key not in {"lifetime", "share"}:
        raise CarbonError(f"{part!r} in {text!r} is neither a lifetime nor a share. {_FORM}")
    return key, value


def _share(text: str) -> float:
    part, slash, whole = text.partition("/")
    if slash:
        return _number(str(_number(part, "share", math.inf) / _number(whole, "share", math.inf)), "share", 1)
    percent = text.endswith("%")
    return _number(text.removesuffix("%"), "share", 100 if percent else 1) / (100 if percent else 1)


def _number(text: str, what: str, highest: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= highest or math.isinf(value):
        most = "" if math.isinf(highest) else f" and at most {highest:g}"
        raise CarbonError(f"The {what} {text!r} must be a number above 0{most}. {_FORM}")
    return value
