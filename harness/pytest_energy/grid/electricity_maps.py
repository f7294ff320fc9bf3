"""Electricity Maps: average, lifecycle, of what is consumed in a zone, imports included."""

from urllib.parse import quote

from pytest_energy.errors import LiveError
from pytest_energy.footprint.carbon import intensity_of
from pytest_energy.footprint.cloud import cloud_regions
from pytest_energy.grid.service import Exchange, LiveService, field_of, grams, moment, short
from pytest_energy.results.energy import CarbonIntensity

_TOKEN = "ELECTRICITY_MAPS_TOKEN"  # noqa: S105 - the name of a variable
# What it divides into zones: there the code alone names no grid.
_DIVIDED = frozenset(
    ["EU", "AU", "BR", "CA", "CL", "CN", "DK", "ES", "ID", "IN", "IT", "JP", "MY", "NO", "RU", "SE", "US"]
)
_SUBZONES = ("CA-", "SE-", "NO-")  # whose codes are the same here and there


def _zone_of(region: str) -> str | None:
    code = intensity_of(region).code
    cloud = cloud_regions().get(code)
    for grid in reversed(cloud.grids) if cloud else (code,):
        if grid.startswith(_SUBZONES) or (len(grid) == 2 and grid not in _DIVIDED):  # noqa: PLR2004 - a country
            return grid
    return None


def _ask(exchange: Exchange, zone: str) -> CarbonIntensity:
    """Ask ``/v3/carbon-intensity/latest``; its figure is in gCO2eq per kWh."""
    answer = exchange.get(
        f"/v3/carbon-intensity/latest?zone={quote(zone)}", {"auth-token": exchange.keys[_TOKEN]}
    )
    told = field_of(answer, "zone")
    if told != zone:
        raise LiveError(f"it was asked for {zone} and answered for {short(told)}")
    kind = field_of(answer, "emissionFactorType")
    if kind not in ("lifecycle", "direct"):
        raise LiveError(f"the answer {short(kind)} is no kind of emission factor")
    time = field_of(answer, "datetime")
    estimated = ", estimated" if answer.get("isEstimated") else ""
    return CarbonIntensity(
        g_per_kwh=grams(field_of(answer, "carbonIntensity")),
        place=f"{zone} at {moment(time)}",
        code=zone,
        year=None,
        basis=f"{kind}, consumption in the zone at this time{estimated}",
        source="Electricity Maps, live",
    )


ELECTRICITY_MAPS = LiveService(
    name="electricity-maps",
    title="Electricity Maps",
    url="https://api.electricitymaps.com",
    url_variable="ELECTRICITY_MAPS_URL",
    key_variables=(_TOKEN,),
    zone_of=_zone_of,
    zones="its zones, such as FR or US-CAL-CISO, are listed on app.electricitymaps.com",
    ask=_ask,
)
"""The service, https://portal.electricitymaps.com/docs/api."""
