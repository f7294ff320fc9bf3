"""A live service: how it is asked what the electricity of a place emits just now."""

import datetime as dt
import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_energy.errors import CarbonError, LiveError
from pytest_energy.footprint.carbon import checked_g_per_kwh
from pytest_energy.grid.web import Web
from pytest_energy.results.energy import CarbonIntensity


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One service, as it is asked.

    Attributes:
        web: What fetches.
        url: Where it answers, without a slash at the end.
        keys: What it is told to know the user, by the variable that holds it.
    """

    web: Web
    url: str
    keys: Mapping[str, str]

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """Return what it answers under a path; see ``Web.get``."""
        return self.web.get(f"{self.url}{path}", {"Accept": "application/json", **(headers or {})})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveService:
    """One service.

    Attributes:
        name: What it is called in options.
        title: What it is called in text.
        url: Where it answers.
        url_variable: Environment variable that names another address.
        key_variables: Environment variables without which it does not answer.
        zone_of: Its own name for a region of ours; None where that is not certain.
        zones: Where its names are listed, in words.
        ask: Asks for a zone.
    """

    name: str
    title: str
    url: str
    url_variable: str
    key_variables: tuple[str, ...]
    zone_of: Callable[[str], str | None]
    zones: str
    ask: Callable[[Exchange, str], CarbonIntensity]


def field_of(answer: Any, *path: str | int) -> Any:
    """Return a value from within an answer.

    Raises:
        LiveError: It is not there.
    """
    value = answer
    for step in path:
        try:
            value = value[step]
        except (TypeError, KeyError, IndexError):
            raise LiveError(f"the answer has no {'.'.join(map(str, path))}") from None
    return value


def grams(value: Any, factor: float = 1.0) -> float:
    """Return a carbon intensity in gCO2e per kWh if a value can be one.

    Args:
        value: What was answered.
        factor: Grams per kWh in its unit.

    Raises:
        LiveError: It is no number, or one that its unit forbids.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise LiveError(f"the answer {short(value)} is no carbon intensity")
    try:
        return checked_g_per_kwh(value * factor)
    except CarbonError as error:
        raise LiveError(f"the answer cannot be true: {error}") from error


def moment(time: Any) -> str:
    """Return an ISO date and time if it is one.

    Raises:
        LiveError: It is none.
    """
    try:
        dt.datetime.fromisoformat(time)
    except (TypeError, ValueError):
        raise LiveError(f"the answer {short(time)} is no time") from None
    return str(time)


def short(value: Any) -> str:
    """Quote a part of an answer, which may be of any size."""
    return reprlib.repr(value)
