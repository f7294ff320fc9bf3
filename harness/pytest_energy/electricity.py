"""The electricity of a run, where it ran and when: for reports only, beside what the gate holds fixed."""

from collections.abc import Mapping

from pytest_energy.errors import HarnessError
from pytest_energy.footprint.carbon import intensity_of, user_intensity
from pytest_energy.footprint.cloud import cloud_regions
from pytest_energy.grid.cloud_place import CloudPlace, cloud_place
from pytest_energy.grid.live import LiveGrid
from pytest_energy.reports.report import Electricity
from pytest_energy.results.energy import CarbonIntensity, Pue
from pytest_energy.settings import Settings


def electricity_here(
    settings: Settings, variables: Mapping[str, str]
) -> tuple[Electricity | None, tuple[str, ...]]:
    """Find out what electricity emits where or when this runs, and what is to be said of it in a report.

    A live service is asked only where the user chose one. Without a region the machine's own environment
    variables and files may name that of a cloud.
    """
    place = None if settings.region or settings.intensity is not None else cloud_place(variables)
    yearly = _yearly(settings, place) if place else None
    if settings.live is None:
        return yearly, ()
    grid = LiveGrid(variables=variables, cache=settings.live_cache)
    try:
        intensity = grid.intensity(settings.live, place.code if place else settings.region)
    except HarnessError as error:
        stands_in = yearly.intensity if yearly else _intensity(settings)
        return yearly, (f"no live intensity: {error} The yearly figure stands in: {stands_in.in_words}.",)
    because = f"{settings.live.service.title}, asked after the measurement"
    return Electricity(intensity=intensity, pue=_pue(settings, place), because=because), ()


def _yearly(settings: Settings, place: CloudPlace) -> Electricity:
    return Electricity(intensity=intensity_of(place.code), pue=_pue(settings, place), because=place.because)


def _pue(settings: Settings, place: CloudPlace | None) -> Pue:
    """Return the building's own PUE where nobody gave another."""
    given = settings.pue.place or settings.pue.value != 1
    return settings.pue if given or place is None else cloud_regions()[place.code].pue


def _intensity(settings: Settings) -> CarbonIntensity:
    return intensity_of(settings.region) if settings.intensity is None else user_intensity(settings.intensity)
