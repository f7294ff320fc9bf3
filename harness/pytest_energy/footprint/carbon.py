"""Carbon intensities: emissions of a kilowatt-hour by place, each figure with its year, basis and source."""

import difflib
import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from pytest_energy.errors import CarbonError
from pytest_energy.results.energy import CarbonIntensity

WORLD = "WORLD"
"""Code of the world average, which stands in where no region is given."""

HIGHEST_G_PER_KWH = 2500.0
"""No grid comes near: what lies above is a slip of units."""


def intensity_of(region: str | None) -> CarbonIntensity:
    """Return the carbon intensity of a place; the world average where none is named.

    Args:
        region: A country by its ISO 3166 code of two or three letters (``FR``, ``FRA``), a state or province
            by its ISO 3166-2 code (``US-CA``, ``CA-QC``), a subregion of the US grid by its eGRID acronym
            (``US-CAMX``), ``EU`` or ``WORLD``; in any case. A bare two-letter code is always a country:
            ``CA`` is Canada.

    Raises:
        CarbonError: No figure is known for that region; the nearest ones are offered.
    """
    if region is None:
        region = WORLD
    code = region.strip().upper().replace("_", "-")
    if code not in _by_code():
        raise CarbonError(
            f"No carbon intensity is known for the region {region!r}. {_hint(code)}Write an ISO 3166 "
            f"code, FR or FRA for a country, US-CA or CA-QC for a state or province; an eGRID subregion, "
            f"US-CAMX; EU; or WORLD. A figure of your own is given with --energy-intensity."
        )
    return _by_code()[code]


def user_intensity(g_per_kwh: float) -> CarbonIntensity:
    """Return a figure of the user's own.

    Args:
        g_per_kwh: gCO2e per kWh, from 0 to 2500.

    Raises:
        CarbonError: It is negative, not finite, or so high that its unit must be another.
    """
    if not (math.isfinite(g_per_kwh) and 0 <= g_per_kwh <= HIGHEST_G_PER_KWH):
        raise CarbonError(
            f"A carbon intensity of {g_per_kwh:g} gCO2e per kWh cannot be used: give grams per "
            f"kilowatt-hour, from 0 to {HIGHEST_G_PER_KWH:g}."
        )
    return CarbonIntensity(
        g_per_kwh=g_per_kwh,
        place="figure given by the user",
        code="user",
        year=None,
        basis="not stated",
        source="given by the user",
    )


def all_intensities() -> tuple[CarbonIntensity, ...]:
    """Return every figure that ships with this package, once each."""
    return tuple(dict.fromkeys(_by_code().values()))


@cache
def _by_code() -> Mapping[str, CarbonIntensity]:
    text = resources.files("pytest_energy.footprint").joinpath("carbon.toml").read_text(encoding="utf-8")
    found: dict[str, CarbonIntensity] = {}
    for group in tomllib.loads(text)["group"]:
        for codes, place, g_per_kwh, *year in group["regions"]:
            intensity = CarbonIntensity(
                g_per_kwh=float(g_per_kwh),
                place=place,
                code=codes.split()[0],
                year=year[0] if year else group["year"],
                basis=group["basis"],
                source=group["source"],
            )
            found |= dict.fromkeys(codes.split(), intensity)
    return found


def _hint(code: str) -> str:
    """Offer what was probably meant: a state written without its country, a name, or a slip of the finger."""
    known = _by_code()
    names = [(intensity.place.partition(",")[0].upper(), intensity) for intensity in all_intensities()]
    near = difflib.get_close_matches(code, [name for name, _ in names], n=2, cutoff=0.75)
    meant = [known[f"{country}-{code}"] for country in ("US", "CA") if f"{country}-{code}" in known]
    meant += [intensity for name, intensity in names if name in near]
    offers = meant or [known[one] for one in difflib.get_close_matches(code, known, n=2, cutoff=0.6)]
    if not offers:
        return ""
    return f"Did you mean {' or '.join(f'{one.code} ({one.place})' for one in offers)}? "
