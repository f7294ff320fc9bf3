"""``pytest-energy profiles detect``: which power profile this machine has, what matched, and how surely."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_energy.cli.profile_words import band_of, watts_of
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.environment import Machine, detect_machine
from pytest_energy.measurement.cgroup import cpu_quota
from pytest_energy.power.ci_service import ci_service
from pytest_energy.power.detection import detect_accelerators, detect_profile, quota_in_words
from pytest_energy.power.surroundings import Surroundings, read_surroundings

_ROOT = Path("/")


def run(*, as_json: bool, root: Path = _ROOT, variables: Mapping[str, str] = os.environ) -> int:
    """Show what is found and by what.

    Args:
        as_json: Whether to print JSON.
        root: Where ``proc``, ``sys`` and ``run`` are; another folder in tests.
        variables: The environment variables.
    """
    machine = detect_machine(root)
    around = read_surroundings(root, cpu_quota(root))
    found = detect_profile(machine, variables, around)
    accelerators = detect_accelerators(around)
    if as_json:
        told = {
            "profile": found.profile.id,
            "certain": found.certain,
            "because": found.because,
            "accelerators": [
                {"name": one.name, "profile": one.profile.id if one.profile else None} for one in accelerators
            ],
            "looked_at": dict(_looked_at(machine, around, variables)),
        }
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return 0
    screen = standard_screen()
    screen.table(
        ("", ""),
        [
            ("profile", f"{found.profile.id}, {'certain' if found.certain else 'a guess'}"),
            ("draws", f"{watts_of(found.profile)}, {band_of(found.profile)}; {found.profile.boundary}"),
            *(
                ("accelerator", f"{one.name}: {one.profile.id if one.profile else 'no profile of that name'}")
                for one in accelerators
            ),
        ],
        foldable=(1,),
    )
    screen.line()
    screen.line(found.because)
    quota = quota_in_words(around, machine)
    if quota:
        screen.line(quota)
    screen.line()
    screen.table(("looked at", ""), list(_looked_at(machine, around, variables)), foldable=(1,))
    show(screen)
    return 0


def _looked_at(
    machine: Machine, around: Surroundings, variables: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    environment = machine.environment
    cores = f"{machine.physical_cores} physical" if machine.physical_cores else "number of cores hidden"
    yield "processor", f"{environment.cpu} ({environment.cpu_model}), {environment.arch}"
    yield "CPUs", f"{environment.logical_cpus} usable, {cores}"
    yield (
        "virtual machine",
        ("yes" if environment.virtual else "no") + (f", {around.hypervisor}" if around.hypervisor else ""),
    )
    told = {
        "firmware": " ".join(filter(None, (machine.vendor, machine.product))),
        "board": around.board,
        "instance": around.instance,
        "CI service": ci_service(variables),
        "memory": f"{machine.memory_gib:g} GiB" if machine.memory_gib else None,
        "accelerators": ", ".join(name for _, name in around.accelerators),
    }
    for name, value in told.items():
        yield name, value or "nothing"
