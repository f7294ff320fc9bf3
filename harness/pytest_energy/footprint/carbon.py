"""Carbon intensities: emissions of a kilowatt-hour by place, each figure with its year, basis and source."""

import difflib
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.cloud import CloudRegion, cloud_code, cloud_regions
from pytest_energy.footprint.shipped import shipped
from pytest_energy.results.energy import CarbonIntensity

WORLD = "WORLD"
"""Code of the world average, which stands in where no region is given."""

HIGHEST_G_PER_KWH = 2500.0
"""No grid comes near: what lies above is a slip of units."""

LOWEST_G_PER_KWH = 1.0
"""No grid comes below, save one that emits nothing: what lies between is a slip of units."""

_KINDS = ("lifecycle", "direct", "operational")  # where a place has several figures, the first of these holds


def intensity_of(region: str | None) -> CarbonIntensity:
    """Return the carbon intensity of a place; the world average where none is named.

    Args:
        region: A country by its ISO 3166 code of two or three letters (``FR``, ``FRA``), a state or province
            by its ISO 3166-2 code (``US-CA``, ``CA-QC``), a subregion of the US grid by its eGRID acronym
            (``US-CAMX``), a bidding zone (``SE-SE3``), a region of a cloud (``aws/eu-west-1``), ``EU`` or
            ``WORLD``; in any case. A bare two-letter code is always a country: ``CA`` is Canada.

    Returns:
        The lifecycle figure where the place has one.

    Raises:
        CarbonError: No figure is known for that region; the nearest ones are offered.
    """
    return intensities_of(WORLD if region is None else region)[0]


def intensities_of(region: str) -> Sequence[CarbonIntensity]:
    """Return every figure of a place, of different kinds, the one that holds by default first.

    Raises:
        CarbonError: No figure is known for that region; the nearest ones are offered.
    """
    code = _code(region)
    if code not in _by_code():
        raise CarbonError(
            f"No carbon intensity is known for the region {region!r}. {_hint(code)}Write an ISO 3166 "
            f"code, FR or FRA for a country, US-CA or CA-QC for a state or province; an eGRID subregion, "
            f"US-CAMX; a cloud region, aws/eu-west-1; EU; or WORLD. A figure of your own is given with "
            f"--energy-intensity."
        )
    return _by_code()[code]


def checked_g_per_kwh(g_per_kwh: float) -> float:
    """Return a carbon intensity in gCO2e per kWh if it can be one.

    Raises:
        CarbonError: It is negative, not finite, or so high or low that its unit must be another.
    """
    if math.isfinite(g_per_kwh) and (g_per_kwh == 0 or LOWEST_G_PER_KWH <= g_per_kwh <= HIGHEST_G_PER_KWH):
        return g_per_kwh
    meant = ""
    if 0 < g_per_kwh < LOWEST_G_PER_KWH:
        meant = f" It looks like kilograms: {g_per_kwh:g} kg are {g_per_kwh * 1000:g} g."
    elif HIGHEST_G_PER_KWH < g_per_kwh <= HIGHEST_G_PER_KWH * 1000:
        meant = f" It looks like grams per megawatt-hour: {g_per_kwh:g} g/MWh are {g_per_kwh / 1000:g} g/kWh."
    raise CarbonError(
        f"A carbon intensity of {g_per_kwh:g} gCO2e per kWh cannot be used: give grams per "
        f"kilowatt-hour, 0 or from {LOWEST_G_PER_KWH:g} to {HIGHEST_G_PER_KWH:g}.{meant}"
    )


def user_intensity(g_per_kwh: float) -> CarbonIntensity:
    """Return a figure of the user's own.

    Args:
        g_per_kwh: gCO2e per kWh, 0 or from 1 to 2500.

    Raises:
        CarbonError: It is negative, not finite, or so high or low that its unit must be another.
    """
    return CarbonIntensity(
        g_per_kwh=checked_g_per_kwh(g_per_kwh),
        place="figure given by the user",
        code="user",
        year=None,
        basis="not stated",
        source="given by the user",
    )


def all_intensities() -> tuple[CarbonIntensity, ...]:
    """Return every figure that ships with this package, once each, cloud regions behind the grids."""
    return tuple(dict.fromkeys(figure for figures in _by_code().values() for figure in figures))


def on_one_basis(places: Sequence[Sequence[CarbonIntensity]]) -> Sequence[CarbonIntensity] | None:
    """Choose a figure for each place so that all are of one kind, for only such figures may be compared.

    Of several kinds that all places have, it is the one that tells most of them apart, and lifecycle first.

    Args:
        places: The figures of each place; at least one place.

    Returns:
        A figure per place; None where no kind of figure is known for all places.
    """
    kinds = [kind for kind in _kinds_of(places[0]) if all(kind in _kinds_of(figures) for figures in places)]
    if not kinds:
        return None
    chosen = [[_of_kind(figures, kind) for figures in places] for kind in kinds]
    return max(chosen, key=lambda figures: len({one.g_per_kwh for one in figures}))


def _kinds_of(figures: Sequence[CarbonIntensity]) -> list[str]:
    return [one.kind for one in figures]


def _of_kind(figures: Sequence[CarbonIntensity], kind: str) -> CarbonIntensity:
    return next(one for one in figures if one.kind == kind)


def _code(region: str) -> str:
    return cloud_code(region) if "/" in region else region.strip().upper().replace("_", "-")


@cache
def _by_code() -> Mapping[str, Sequence[CarbonIntensity]]:
    found: defaultdict[str, list[CarbonIntensity]] = defaultdict(list)
    for codes, figure in _rows():
        for code in codes:
            found[code].append(figure)
    for region in cloud_regions().values():
        # Taken before the provider's own figures, which stand under the region's code already.
        found[region.code] = [*_of_grids(region, found), *found.get(region.code, ())]
    return {code: sorted(figures, key=lambda one: _KINDS.index(one.kind)) for code, figures in found.items()}


def _rows() -> Iterator[tuple[list[str], CarbonIntensity]]:
    """Yield the codes of each place with its figure."""
    for group in shipped("carbon.toml")["group"]:
        for row in group["regions"]:
            codes, place, g_per_kwh, *year = row
            yield (
                codes.split(),
                CarbonIntensity(
                    g_per_kwh=float(g_per_kwh),
                    place=place,
                    code=codes.split()[0],
                    year=year[0] if year else group["year"],
                    basis=group["basis"],
                    source=group["source"],
                ),
            )


def _of_grids(
    region: CloudRegion, known: Mapping[str, Sequence[CarbonIntensity]]
) -> Iterator[CarbonIntensity]:
    """Yield what the grids that feed a cloud region emit."""
    for grid in region.grids:
        for figure in known[grid]:
            same = figure.place.startswith(region.place)
            place = figure.place if same else f"{region.place}, {figure.place}"
            yield replace(figure, code=region.code, place=place)


def _hint(code: str) -> str:
    """Offer what was probably meant: a state written without its country, a name, or a slip of the finger."""
    offers = _meant(code) or difflib.get_close_matches(code, _by_code(), n=3, cutoff=0.6)
    if not offers:
        return ""
    figures = [_by_code()[offer][0] for offer in dict.fromkeys(offers)]
    return f"Did you mean {' or '.join(f'{one.code} ({one.place})' for one in figures)}? "


def _meant(code: str) -> list[str]:
    """Return codes that end in this one, or whose place has nearly this name."""
    known = _by_code()
    prefixes = ("US-", "CA-", "CN-", *(f"{provider}/" for provider in ("aws", "azure", "gcp")))
    ending = [f"{prefix}{code}" for prefix in prefixes if f"{prefix}{code}" in known]
    ending += [prefix + code.lower() for prefix in prefixes if prefix + code.lower() in known]
    names = [(known[each][0].place.partition(",")[0].upper(), each) for each in known if "/" not in each]
    near = difflib.get_close_matches(code, [name for name, _ in names], n=2, cutoff=0.75)
    return ending + [each for name, each in names if name in near and known[each][0].code == each]
