"""Live intensity: what the electricity of a place emits just now, by a service that the user chose."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_energy.errors import CarbonError, LiveError
from pytest_energy.grid.cache import cached, store
from pytest_energy.grid.electricity_maps import ELECTRICITY_MAPS
from pytest_energy.grid.service import Exchange, LiveService
from pytest_energy.grid.uk_carbon_intensity import UK_CARBON_INTENSITY
from pytest_energy.grid.watttime import WATTTIME
from pytest_energy.grid.web import HttpWeb, Web
from pytest_energy.measurement.clock import now
from pytest_energy.results.energy import CarbonIntensity

SERVICES: Mapping[str, LiveService] = {
    service.name: service for service in (ELECTRICITY_MAPS, UK_CARBON_INTENSITY, WATTTIME)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChoice:
    """Which service is asked, and for what.

    Attributes:
        service: The service.
        zone: Its own name of the place; None where it follows from a region.
    """

    service: LiveService
    zone: str | None


def live_choice(text: str) -> LiveChoice:
    """Read ``SERVICE`` or ``SERVICE:ZONE``, such as ``electricity-maps:FR``.

    Raises:
        CarbonError: No such service is known, or nothing stands behind the colon.
    """
    name, colon, zone = (part.strip() for part in text.partition(":"))
    service = SERVICES.get(name.lower())
    if service is None:
        near = difflib.get_close_matches(name.lower(), SERVICES, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise CarbonError(f"No live service is named {name!r}. {hint}Known: {', '.join(SERVICES)}")
    if colon and not zone:
        raise CarbonError(f"No zone stands behind the colon of {text!r}: {service.zones}")
    return LiveChoice(service=service, zone=zone or None)


@dataclass(kw_only=True)
class LiveGrid:
    """Asks services, each zone once.

    Attributes:
        variables: The environment variables, which hold the keys.
        web: What fetches.
        cache: File in which answers are kept for later runs; None for none.
        clock: Tells the ISO date and time.
    """

    variables: Mapping[str, str]
    web: Web = field(default_factory=HttpWeb)
    cache: Path | None = None
    clock: Callable[[], str] = now
    _answers: dict[str, CarbonIntensity] = field(default_factory=dict, init=False)

    def intensity(self, choice: LiveChoice, region: str | None) -> CarbonIntensity:
        """Return what electricity emits now.

        Args:
            choice: Which service is asked, and for what.
            region: Where the electricity comes from, for a choice without a zone.

        Raises:
            LiveError: There is no answer that can be used; the message says why.
            CarbonError: The region is unknown.
            HarnessError: The cache cannot be written.
        """
        zone = choice.zone or _zone(choice.service, region)
        key = f"{choice.service.name}:{zone}"
        if key not in self._answers:
            self._answers[key] = self._cached_or_asked(choice.service, zone, key)
        return self._answers[key]

    def _cached_or_asked(self, service: LiveService, zone: str, key: str) -> CarbonIntensity:
        known = cached(self.cache, key, self.clock()) if self.cache else None
        if known is not None:
            return known
        answer = self._asked(service, zone)
        if self.cache:
            store(self.cache, key, self.clock(), answer)
        return answer

    def _asked(self, service: LiveService, zone: str) -> CarbonIntensity:
        missing = [name for name in service.key_variables if not self.variables.get(name, "").strip()]
        if missing:
            raise LiveError(f"{service.title} needs a key: set {' and '.join(missing)} in the environment.")
        exchange = Exchange(
            web=self.web,
            url=(self.variables.get(service.url_variable) or service.url).rstrip("/"),
            keys={name: self.variables[name].strip() for name in service.key_variables},
        )
        try:
            return service.ask(exchange, zone)
        except LiveError as error:
            raise LiveError(f"{service.title}, asked for {zone}: {error}.") from error


def _zone(service: LiveService, region: str | None) -> str:
    zone = None if region is None else service.zone_of(region)
    if zone is None:
        place = "no region is given" if region is None else f"it has no one zone for the region {region}"
        raise LiveError(
            f"{service.title} was not asked: {place}. Name one, {service.name}:ZONE; {service.zones}."
        )
    return zone
