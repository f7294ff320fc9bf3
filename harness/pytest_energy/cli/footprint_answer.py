"""The answer of ``pytest-energy footprint``: results, places and hardware become rows that are shown."""

import argparse
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_energy.cli.footprint_json import json_text
from pytest_energy.cli.footprint_results import read_results
from pytest_energy.cli.footprint_show import show_rows
from pytest_energy.cli.footprint_work import work_of
from pytest_energy.cli.numbers import figure, number
from pytest_energy.cli.screen import complain, show, standard_screen
from pytest_energy.errors import CarbonError, HarnessError, UsageError
from pytest_energy.footprint.carbon import intensities_of, on_one_basis, user_intensity
from pytest_energy.footprint.cloud import cloud_regions
from pytest_energy.footprint.data_terms import moved, stored
from pytest_energy.footprint.embodied import EmbodiedChoice, embodied_choice
from pytest_energy.footprint.pue import pue_of
from pytest_energy.footprint.roofline import peaks
from pytest_energy.footprint.what_if import (
    Demand,
    Footprint,
    Hardware,
    Place,
    as_measured,
    footprint,
    on_accelerator,
    on_processor,
)
from pytest_energy.grid.live import LiveGrid, live_choice
from pytest_energy.power.catalogue import all_profiles, any_profile
from pytest_energy.power.profile import PowerProfile
from pytest_energy.results.energy import CarbonIntensity, Embodied, Pue
from pytest_energy.results.result import Result

_MOST_REQUESTS = 1e15
_MOST_YEARS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one benchmark would come to.

    Attributes:
        result: The benchmark as it was measured.
        rows: As it was measured first, then every place on every hardware.
    """

    result: Result
    rows: Sequence[Footprint]


def run(arguments: argparse.Namespace) -> int:
    """Answer.

    Raises:
        UsageError: What was asked for cannot be computed.
    """
    results = read_results(arguments.results, arguments.benchmark or ())
    demand = _demand(arguments)
    places = list(_places(arguments, os.environ))
    answers = [
        Answer(result=result, rows=list(_rows(result, places, demand, arguments))) for result in results
    ]
    if arguments.json:
        print(json_text([(one.result, one.rows) for one in answers], demand))
        return 0
    screen = standard_screen()
    for answer in answers:
        show_rows(screen, answer.result, answer.rows, demand)
    show(screen)
    return 0


def _demand(arguments: argparse.Namespace) -> Demand:
    return Demand(
        requests_per_day=number(arguments.requests_per_day, "--requests-per-day", _MOST_REQUESTS),
        years=number(arguments.years, "--years", _MOST_YEARS),
        stored=tuple(stored(text) for text in arguments.store),
        moved=moved(arguments.transfer) if arguments.transfer else None,
    )


def _places(arguments: argparse.Namespace, variables: Mapping[str, str]) -> Iterator[Place]:
    """Yield the places that were asked for, on one basis if there is one that all have."""
    pue = None if arguments.pue is None else _pue(arguments.pue)
    known = [intensities_of(region) for region in arguments.region]
    chosen = (on_one_basis(known) if known else ()) or [figures[0] for figures in known]
    for intensity in chosen:
        yield _region(intensity, pue)
    for text in arguments.intensity:
        own = user_intensity(figure(text, "--intensity"))
        yield Place(name=f"{own.g_per_kwh:g} g/kWh", intensity=own, pue=pue or pue_of("1"))
    if arguments.live:
        yield from _live(arguments, variables, pue)


def _region(intensity: CarbonIntensity, pue: Pue | None) -> Place:
    cloud = cloud_regions().get(intensity.code)
    return Place(
        name=intensity.code,
        intensity=intensity,
        pue=pue or (cloud.pue if cloud else pue_of("1")),
        water_l_per_kwh=cloud.water_l_per_kwh if cloud else None,
    )


def _live(arguments: argparse.Namespace, variables: Mapping[str, str], pue: Pue | None) -> Iterator[Place]:
    """Yield what electricity emits now; without an answer the row is left out, and that is said."""
    choice = live_choice(arguments.live)
    region = arguments.region[0] if arguments.region else None
    try:
        intensity = LiveGrid(variables=variables).intensity(choice, region)
    except HarnessError as error:
        complain(f"no live intensity, its row is left out: {error}")
        return
    yield Place(name=f"{intensity.code} now", intensity=intensity, pue=pue or pue_of("1"))


def _rows(
    result: Result, places: Sequence[Place], demand: Demand, arguments: argparse.Namespace
) -> Iterator[Footprint]:
    choice = embodied_choice(arguments.embodied) if arguments.embodied else None
    here = Place(
        name="as measured",
        intensity=result.pins.intensity,
        pue=Pue(value=result.pins.pue, place="", year=None, source="of the results"),
    )
    hardware = [
        _measured(result, choice),
        *(_other(name, result, choice, arguments) for name in arguments.profile),
    ]
    for place in (here, *places):
        for each in hardware:
            yield footprint(each, place, demand)


def _measured(result: Result, choice: EmbodiedChoice | None) -> Hardware:
    known = {profile.id: profile for profile in all_profiles()}
    profile = known.get(result.energy.profile)
    return as_measured(result, _reserved(choice, result, profile))


def _other(
    name: str, result: Result, choice: EmbodiedChoice | None, arguments: argparse.Namespace
) -> Hardware:
    """Project a step onto what was named.

    Raises:
        ProfileError: Nothing has that name.
        UsageError: The peaks of that accelerator are unknown, or nothing tells what a step computes.
        HarnessError: The model cannot be read.
    """
    profile = any_profile(name)
    if isinstance(profile, PowerProfile):
        return on_processor(result, profile, _reserved(choice, result, profile))
    limits = peaks().get(profile.id)
    if limits is None:
        raise UsageError(
            f"The peaks of {profile.id} are unknown, so there is no roofline to project by. Known: "
            f"{', '.join(peaks())}."
        )
    work = work_of(arguments, result)
    return on_accelerator(profile, limits, work, arguments.precision, made=choice is not None)


def _reserved(choice: EmbodiedChoice | None, result: Result, profile: PowerProfile | None) -> Embodied | None:
    """Return the device with its reserved share; None where no device was named.

    Raises:
        UsageError: What part of the device is reserved is not known.
    """
    if choice is None:
        return None
    known = profile is not None and (profile.follows_threads or profile.cpu.vcpus)
    device = choice.reserved_by(result.benchmark.threads, profile.cpu.units if profile and known else None)
    if device is None:
        name = profile.id if profile else result.energy.profile
        raise UsageError(
            f"The profile {name} does not tell what part of a device the machine is. Say it behind the "
            f"device, e.g. --embodied server,share=4/128."
        )
    return device


def _pue(text: str) -> Pue:
    try:
        return pue_of(text)
    except CarbonError as error:
        raise CarbonError(f"--pue: {error}.") from error
