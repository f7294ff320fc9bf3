"""Cloud regions: where they stand, which grids feed them, and what their buildings draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pytest_energy.footprint.shipped import shipped
from pytest_energy.results.energy import Pue


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudRegion:
    """A region of a cloud provider.

    Attributes:
        code: ``aws/eu-west-1``.
        place: Where it stands, in words.
        grids: Codes of the grids that feed it, the country first.
        pue: Power usage effectiveness of the region, or else of the provider's fleet.
        water_l_per_kwh: Water that the provider's fleet uses on site, in litres per kWh of its machines; None
            where the provider tells nothing.
    """

    code: str
    place: str
    grids: tuple[str, ...]
    pue: Pue
    water_l_per_kwh: float | None


def cloud_code(text: str) -> str:
    """Return a provider's region as it is written here: ``Amazon/EU-West-1`` becomes ``aws/eu-west-1``."""
    provider, _, region = text.strip().lower().partition("/")
    ids = {alias: each["id"] for each in _providers() for alias in each["aliases"]}
    return f"{ids.get(provider, provider)}/{region}"


@cache
def cloud_regions() -> Mapping[str, CloudRegion]:
    """Return every cloud region that is known, by its code."""
    regions = [_region(provider, row) for provider in _providers() for row in provider["regions"]]
    return {region.code: region for region in regions}


@cache
def fleets() -> Mapping[str, Pue]:
    """Return the power usage effectiveness of each provider's fleet, by every name of the provider."""
    return {name: _fleet(each) for each in _providers() for name in (each["id"], *each["aliases"])}


def _providers() -> Any:
    return shipped("cloud.toml")["provider"]


def _region(provider: Mapping[str, Any], row: list[Any]) -> CloudRegion:
    region, place, grids, *own = row
    code = f"{provider['id']}/{region}"
    pue = Pue(value=own[0], place=code, year=own[1], source=provider["region_pue_source"]) if own else None
    return CloudRegion(
        code=code,
        place=place,
        grids=tuple(grids.split()),
        pue=pue or _fleet(provider),
        water_l_per_kwh=provider.get("water_l_per_kwh"),
    )


def _fleet(provider: Mapping[str, Any]) -> Pue:
    return Pue(
        value=provider["pue"],
        place=provider["name"],
        year=provider["pue_year"],
        source=provider["pue_source"],
    )
