"""Data terms: electricity of keeping models and data sets, and of moving what requests carry."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.shipped import shipped

_BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15}
_HOURS_PER_YEAR = 8766.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Data that is kept.

    Attributes:
        bytes: How much, copies included.
        medium: ``ssd`` or ``hdd``.
        wh_per_tb_h: Power of keeping it: Wh per terabyte and hour.
        source: Where that comes from.
    """

    bytes: float
    medium: str
    wh_per_tb_h: float
    source: str

    def kwh(self, years: float) -> float:
        """Return the energy in kWh of keeping it for so long."""
        return self.bytes / 1e12 * self.wh_per_tb_h * years * _HOURS_PER_YEAR / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Data that each request carries over a network.

    Attributes:
        bytes: How much, there and back.
        network: ``internet`` or ``datacentre``.
        kwh_per_gb: Energy of moving it.
        low: Lower end of its band, as a factor.
        high: Upper end.
        source: Where that comes from.
    """

    bytes: float
    network: str
    kwh_per_gb: float
    low: float
    high: float
    source: str

    def kwh(self, requests: float) -> float:
        """Return the energy in kWh of so many requests."""
        return self.bytes / 1e9 * self.kwh_per_gb * requests


def stored(text: str) -> Stored:
    """Read data that is kept, ``50GB`` or ``2TB:hdd``; on SSDs where nothing is said.

    Raises:
        CarbonError: It is no amount of data, or the medium is unknown.
    """
    amount, row = _amount(text, "storage", "ssd", "50GB or 2TB:hdd")
    return Stored(
        bytes=amount,
        medium=row["id"],
        wh_per_tb_h=row["wh_per_tb_h"],
        source=f"{row['source']} ({row['year']})",
    )


def moved(text: str) -> Moved:
    """Read what a request carries, ``200kB`` or ``1MB:datacentre``; over the internet where nothing is said.

    Raises:
        CarbonError: It is no amount of data, or the network is unknown.
    """
    amount, row = _amount(text, "network", "internet", "200kB or 1MB:datacentre")
    return Moved(
        bytes=amount,
        network=row["id"],
        kwh_per_gb=row["kwh_per_gb"],
        low=row["band"][0],
        high=row["band"][1],
        source=f"{row['source']} ({row['year']})",
    )


def _amount(text: str, table: str, default: str, form: str) -> tuple[float, Mapping[str, Any]]:
    """Return the bytes, and the row of the table that they go with."""
    size, _, kind = (part.strip().lower() for part in text.partition(":"))
    match = re.fullmatch(r"([\d.]+(?:e[+-]?\d+)?)\s*([kmgtp]?b)", size)
    try:
        amount = float(match[1]) * _BYTES[match[2]] if match else math.nan
    except ValueError:
        amount = math.nan
    rows = {row["id"]: row for row in shipped("data_terms.toml")[table]}
    if not math.isfinite(amount) or (kind or default) not in rows:
        raise CarbonError(
            f"{text!r} cannot be read: write an amount of data and, behind a colon, {' or '.join(rows)}, "
            f"such as {form}"
        )
    return amount, rows[kind or default]
