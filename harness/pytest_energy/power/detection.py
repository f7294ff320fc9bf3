"""Detection: which power profile is this machine's, by what evidence, and how surely."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_energy.environment import Machine
from pytest_energy.power.catalogue import accelerator_named, profile_named
from pytest_energy.power.clues import (
    REMEDY,
    Detection,
    Seen,
    by_board,
    by_family,
    by_instance,
    by_part,
    by_processor,
    by_service,
)
from pytest_energy.power.profile import GENERIC, AcceleratorProfile
from pytest_energy.power.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAccelerator:
    """An accelerator that a driver shows.

    Attributes:
        name: What the driver calls it.
        maker: Whose driver it is: ``nvidia`` or ``amd``.
        profile: The profile of exactly that name; None where there is none.
    """

    name: str
    maker: str
    profile: AcceleratorProfile | None


def detect_profile(
    machine: Machine, variables: Mapping[str, str], around: Surroundings | None = None
) -> Detection:
    """Find this machine's power profile. What is not beyond doubt is returned as a guess.

    The most telling evidence comes first: a hosted runner by its variables, a cloud instance by its type, a
    board by its name, a processor by its brand, and last its vendor.

    Args:
        machine: This machine.
        variables: The environment variables.
        around: What its other files tell; None where nobody looked.
    """
    seen = Seen(machine=machine, variables=variables, around=around or Surroundings())
    for find in (by_service, by_instance, by_board, by_processor, by_part, by_family):
        found = find(seen)
        if found:
            return found
    return _generic(seen)


def detect_accelerators(around: Surroundings) -> tuple[FoundAccelerator, ...]:
    """Return the accelerators that drivers show, each with the profile of exactly its name."""
    return tuple(
        FoundAccelerator(name=name, maker=maker, profile=accelerator_named(name))
        for maker, name in around.accelerators
    )


def _generic(seen: Seen) -> Detection:
    profile = profile_named(GENERIC)
    return Detection(
        profile=profile,
        certain=False,
        because=(
            f"No power profile is known for {seen.words} in {seen.place}. {profile.id} is assumed, so the "
            f"true energy may be {profile.band_low:g} to {profile.band_high:g} times the figure. {REMEDY}"
        ),
    )


def quota_in_words(around: Surroundings, machine: Machine) -> str | None:
    """Return what a reader must know of a control group's limit; None where there is none."""
    quota = around.cpu_quota
    if quota is None or math.isinf(quota) or quota >= machine.environment.logical_cpus:
        return None
    return (
        f"The control group may use {quota:g} of {machine.environment.logical_cpus} CPUs on average: energy "
        "follows CPU time, so it is not affected, but steps are slowed down."
    )
