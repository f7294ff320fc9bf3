"""UK Carbon Intensity: average, direct, of what Great Britain consumes, per half-hour, without a key."""

from typing import Any
from urllib.parse import quote

from pytest_energy.errors import LiveError
from pytest_energy.footprint.carbon import intensity_of
from pytest_energy.footprint.cloud import cloud_regions
from pytest_energy.grid.service import Exchange, LiveService, field_of, grams, moment, short
from pytest_energy.results.energy import CarbonIntensity

_NATIONAL = "GB"


def _zone_of(region: str) -> str | None:
    code = intensity_of(region).code
    cloud = cloud_regions().get(code)
    return _NATIONAL if _NATIONAL in (cloud.grids if cloud else (code,)) else None


def _ask(exchange: Exchange, zone: str) -> CarbonIntensity:
    """Ask ``/intensity``, or ``/regional`` for a region's number or a postcode; figures are gCO2 per kWh."""
    half_hour = _half_hour(exchange, zone)
    intensity = field_of(half_hour, "intensity")
    # The estimate of what was is there only once the half-hour is over.
    actual = intensity.get("actual") if isinstance(intensity, dict) else None
    value = field_of(intensity, "forecast") if actual is None else actual
    time = field_of(half_hour, "from")
    how = "forecast" if actual is None else "estimated"
    return CarbonIntensity(
        g_per_kwh=grams(value),
        place=f"{zone} at {moment(time)}",
        code=zone,
        year=None,
        basis=f"direct, consumption in the zone at this time, {how}",
        source="Carbon Intensity API of NESO (CC BY 4.0), live",
    )


def _half_hour(exchange: Exchange, zone: str) -> Any:
    if zone.upper() == _NATIONAL:
        return field_of(exchange.get("/intensity"), "data", 0)
    kind = "regionid" if zone.isdecimal() else "postcode"
    region = field_of(exchange.get(f"/regional/{kind}/{quote(zone, safe='')}"), "data", 0)
    if kind == "regionid" and str(field_of(region, "regionid")) != zone:
        raise LiveError(f"it was asked for region {zone} and answered for {short(region['regionid'])}")
    return field_of(region, "data", 0)


UK_CARBON_INTENSITY = LiveService(
    name="uk-carbon-intensity",
    title="UK Carbon Intensity",
    url="https://api.carbonintensity.org.uk",
    url_variable="UK_CARBON_INTENSITY_URL",
    key_variables=(),
    zone_of=_zone_of,
    zones="it knows GB, the regions 1 to 17, and the first part of a postcode such as RG10",
    ask=_ask,
)
"""The service, https://carbon-intensity.github.io/api-definitions/."""
