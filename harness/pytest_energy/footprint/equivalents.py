"""Everyday equivalents of energy and emissions, each with its source."""

from dataclasses import dataclass

from pytest_energy.footprint.shipped import shipped

_LEAST, _MOST = 0.1, 1e6  # outside it a comparison says less than the figure itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent:
    """What comes to the same.

    Attributes:
        count: How many.
        what: Of what.
        of: ``kWh`` for the same energy, ``kg`` for the same emissions.
        source: Where the figure for one of them comes from.
    """

    count: float
    what: str
    of: str
    source: str


def equivalents(kwh: float, kg: float) -> tuple[Equivalent, ...]:
    """Return what comes to the same, as far as a person could count it; else the nearest to that.

    Args:
        kwh: Energy in kWh.
        kg: Emissions in kgCO2e.
    """
    amounts = {"kWh": kwh, "kg": kg}
    every = [
        Equivalent(count=amounts[unit] / each, what=what, of=unit, source=source)
        for what, each, unit, source in shipped("equivalents.toml")["equivalents"]
    ]
    flight = [one for one in every if "flight" in one.what]
    countable = [one for one in every if _LEAST <= one.count < _MOST and one not in flight]
    return tuple(countable + flight)
