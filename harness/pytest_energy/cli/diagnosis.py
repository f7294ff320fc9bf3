"""The diagnosis: what the doctor says of machine, power profile and ONNX Runtime, and every fault."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pytest_energy.cli import doctor_checks as checks
from pytest_energy.cli.project import project_root
from pytest_energy.environment import Environment, Machine, detect_machine
from pytest_energy.errors import HarnessError, ProfileError
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.noise_sources import NoiseSource, find_noise_sources
from pytest_energy.power.catalogue import profile_named
from pytest_energy.power.clues import Detection
from pytest_energy.power.detection import detect_profile
from pytest_energy.power.meters import MeterKind, MeterRequest, all_meters, open_meters
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.power.surroundings import read_surroundings
from pytest_energy.providers import PROVIDERS
from pytest_energy.runtime.installation import Distribution, Installation, probe, runtime_distributions
from pytest_energy.settings import Settings, read_project, read_settings

_SHORT = {provider.name: provider.short for provider in PROVIDERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the doctor says.

    Attributes:
        machine: The machine, and what makes figures scatter there.
        power: The power profile, and how sure it is.
        meters: The energy counters, a line for each: what it is, or why it cannot be read and what may help.
        runtime: ONNX Runtime and its execution providers.
        faults: What is wrong, each with what to do about it.
        advice: What comes next, though nothing is wrong.
    """

    machine: str
    power: str
    meters: tuple[tuple[str, str], ...]
    runtime: str
    faults: tuple[str, ...]
    advice: tuple[str, ...] = ()


def diagnose(folder: Path) -> Diagnosis:
    """Look at this machine, this environment, and the project around a folder."""
    machine = detect_machine()
    sources = find_noise_sources(machine.environment)
    distributions, installation = runtime_distributions(), probe()
    settings, faults = _settings(folder)
    power, doubts = _power(machine, None if settings is None else settings.profile)
    return Diagnosis(
        machine=in_words(machine.environment, sources),
        power=power,
        meters=tuple(meters_in_words(all_meters())),
        runtime=runtime_in_words(distributions, installation),
        faults=tuple(
            chain(
                checks.of_runtime(distributions, installation),
                checks.of_machine(sources),
                faults,
                doubts,
                () if settings is None else checks.of_baselines(settings.baselines),
                checks.of_temporary_folder(),
                checks.of_compiled_code(),
            )
        ),
        advice=() if settings is None else tuple(checks.first_steps(settings.baselines)),
    )


def in_words(environment: Environment, sources: Sequence[NoiseSource]) -> str:
    """Say what a machine is, and what harms measuring there."""
    harmful = [one.name for one in sources if one.harms]
    unknown = [one.name for one in sources if one.harms is None]
    cpus = f"{environment.logical_cpus} CPU{'s' * (environment.logical_cpus != 1)} of {environment.cpu}"
    scatter = (
        f"figures scatter because of: {', '.join(harmful)}" if harmful else "nothing makes figures scatter"
    )
    hidden = f" (not to be seen here: {', '.join(unknown)})" if unknown else ""
    return f"{cpus}; {scatter}{hidden}; pytest-energy noise tells by how much"


def runtime_in_words(distributions: Sequence[Distribution], installation: Installation) -> str:
    """Say which ONNX Runtime there is, from which wheels, and what it can run on."""
    wheels = ", ".join(f"{each.name} {each.version}" for each in distributions) or "no known wheel"
    if installation.version is None:
        return f"no usable ONNX Runtime ({wheels})"
    names = ", ".join(
        _SHORT.get(name, name.removesuffix("ExecutionProvider")) for name in installation.providers
    )
    return f"ONNX Runtime {installation.version} ({wheels}), built for {names}"


def meters_in_words(kinds: Sequence[MeterKind]) -> Iterator[tuple[str, str]]:
    """Yield each kind of energy counter with what can be read here, or why not and what may help.

    None of them is a fault: without counters energy is modelled.
    """
    clock = SystemClock()
    for kind in kinds:
        request = MeterRequest(now=lambda: clock.read().wall_s, gpu=GpuAddress(), vendor=kind.vendor)
        with open_meters(request, [kind]) as opened:
            for meter in opened.meters:
                parts = "; ".join(f"{part.name}, {part.boundary}" for part in meter.components)
                yield kind.name, f"{kind.what}: {meter.method} ({parts})"
            for one in opened.unopened:
                yield kind.name, f"{kind.what}: {'denied' if one.denied else 'none'}. {one.why}"


def _settings(folder: Path) -> tuple[Settings | None, tuple[str, ...]]:
    root = project_root(folder)
    try:
        return read_settings({}, read_project(root), root, folder), ()
    except HarnessError as error:
        return None, (str(error),)


def _power(machine: Machine, name: str | None) -> tuple[str, tuple[str, ...]]:
    """Name the power profile; one that was named and cannot be used is a fault."""
    try:
        found = detect_profile(machine, os.environ, read_surroundings()) if name is None else _named(name)
    except ProfileError as error:
        return "unknown", (str(error),)
    profile = found.profile
    surely = "certain" if found.certain else "a guess"
    return f"{profile.id} x{profile.band_low:g}..x{profile.band_high:g}, {surely}. {found.because}", ()


def _named(name: str) -> Detection:
    return Detection(profile=profile_named(name), certain=True, because="It is named in pyproject.toml.")
