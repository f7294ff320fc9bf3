"""WattTime: marginal, direct, what one more kilowatt-hour would emit: not to be compared with an average."""

from base64 import b64encode
from urllib.parse import quote

from pytest_energy.errors import LiveError
from pytest_energy.grid.service import Exchange, LiveService, field_of, grams, moment, short
from pytest_energy.results.energy import CarbonIntensity

_USER, _PASSWORD = "WATTTIME_USER", "WATTTIME_PASSWORD"
_SIGNAL, _UNITS = "co2_moer", "lbs_co2_per_mwh"
_G_PER_KWH = 0.45359237  # in a pound per megawatt-hour


def _ask(exchange: Exchange, zone: str) -> CarbonIntensity:
    """Log in, and ask ``/v3/forecast``, whose first point is that of now, in pounds of CO2 per MWh."""
    name = f"{exchange.keys[_USER]}:{exchange.keys[_PASSWORD]}"
    basic = b64encode(name.encode()).decode("ascii")
    token = field_of(exchange.get("/login", {"Authorization": f"Basic {basic}"}), "token")
    answer = exchange.get(
        f"/v3/forecast?region={quote(zone)}&signal_type={_SIGNAL}&horizon_hours=0",
        {"Authorization": f"Bearer {token}"},
    )
    for key, wanted in (("region", zone), ("signal_type", _SIGNAL), ("units", _UNITS)):
        told = field_of(answer, "meta", key)
        if told != wanted:
            raise LiveError(f"the answer's {key} is {short(told)} and not {wanted}")
    time = field_of(answer, "data", 0, "point_time")
    return CarbonIntensity(
        g_per_kwh=grams(field_of(answer, "data", 0, "value"), _G_PER_KWH),
        place=f"{zone} at {moment(time)}",
        code=zone,
        year=None,
        basis="marginal, direct CO2 of the power stations that answer one more kilowatt-hour now",
        source="WattTime, co2_moer, live",
    )


WATTTIME = LiveService(
    name="watttime",
    title="WattTime",
    url="https://api.watttime.org",
    url_variable="WATTTIME_URL",
    key_variables=(_USER, _PASSWORD),
    zone_of=lambda _: None,  # its regions are balancing authorities, which no code of ours names
    zones="its regions, such as CAISO_NORTH, are listed by its /v3/my-access",
    ask=_ask,
)
"""The service, https://docs.watttime.org."""
