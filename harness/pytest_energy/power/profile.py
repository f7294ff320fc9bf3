"""Power profiles: what a processor draws at idle and under load, with where the figures come from."""

import difflib
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_energy.errors import ProfileError
from pytest_energy.power.profile_file import parse_profile

GENERIC = "generic-cpu"
"""The profile of a processor of which nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """What a curve is the curve of.

    Attributes:
        model: Name of the processor.
        unit: What is counted: ``core`` for physical cores, ``thread`` for hardware threads.
        units: Units that draw the curve's watts together.
        threads_per_unit: Hardware threads on one unit.
        vcpus: Units that belong to the machine, where it is a share of a larger one; else None.
    """

    model: str
    unit: str
    units: int
    threads_per_unit: int = 1
    vcpus: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What main memory draws.

    Attributes:
        w_per_gib: Power in W per GiB.
        low: Lowest plausible power in W per GiB.
        high: Highest plausible power in W per GiB.
        source: Where the figures come from.
    """

    w_per_gib: float
    low: float
    high: float
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """By what a machine shows that a profile is for it.

    Attributes:
        variables: Environment variables that are set; the value holds one of the words.
        arch: Names of the machine architecture.
        cpu: Part of the processor's brand string; None where it tells nothing.
        vendor: DMI system vendor; None where it tells nothing.
    """

    variables: Mapping[str, tuple[str, ...]]
    arch: tuple[str, ...]
    cpu: str | None = None
    vendor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerProfile:
    """What a processor draws.

    Attributes:
        id: Short name, unique.
        name: The machine in words.
        cpu: What the curve is the curve of.
        follows_threads: Whether the load is the benchmark's own threads. On a shared host, and on an unknown
            processor, it is not known what the other cores do: there it is False, and full load is assumed.
        curve: Points (load from 0 to 1, power in W of all units), rising in load, not falling in power.
        band_low: Lower end of the systematic band, as a factor on the power.
        band_high: Upper end of that band.
        boundary: What the watts include.
        source: Where they come from.
        memory: What main memory draws.
        signature: By what such a machine is recognised; None where it is only chosen by name.
    """

    id: str
    name: str
    cpu: Processor
    follows_threads: bool
    curve: tuple[tuple[float, float], ...]
    band_low: float
    band_high: float
    boundary: str
    source: tuple[str, ...]
    memory: Memory
    signature: Signature | None = None

    def power_w(self, load: float) -> float:
        """Return the power of all units in W at a load from 0 to 1, straight between the curve's points."""
        place = max(1, bisect_left([point[0] for point in self.curve], load))
        (load_0, power_0), (load_1, power_1) = self.curve[place - 1], self.curve[place]
        return power_0 + (power_1 - power_0) * (load - load_0) / (load_1 - load_0)


@cache
def all_profiles() -> tuple[PowerProfile, ...]:
    """Return every profile that ships with this package, by id."""
    folder = resources.files("pytest_energy.power").joinpath("profiles")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda one: one.name
    )
    return tuple(_from_tables(parse_profile(file.read_text(encoding="utf-8"), file.name)) for file in files)


def profile_named(name_or_file: str) -> PowerProfile:
    """Return the profile with that id, or the one in that file.

    Raises:
        ProfileError: No profile has that id and there is no such file, or the file is faulty.
    """
    known = {profile.id: profile for profile in all_profiles()}
    if name_or_file in known:
        return known[name_or_file]
    path = Path(name_or_file)
    if path.suffix == ".toml" or path.is_file() or len(path.parts) > 1:
        return _from_file(path)
    near = difflib.get_close_matches(name_or_file.strip().lower(), known, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise ProfileError(
        f"No power profile is named {name_or_file!r}. {hint}Known: {', '.join(known)}; or give the path of a "
        f"profile of your own, a .toml file."
    )


def _from_file(path: Path) -> PowerProfile:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ProfileError(
            f"The power profile {path} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise ProfileError(
            f"The power profile {path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from error
    profile = _from_tables(parse_profile(text, f"The power profile {path}"))
    if profile.id in {shipped.id for shipped in all_profiles()}:
        raise ProfileError(
            f"The power profile {path}: the id {profile.id!r} belongs to a profile that ships with "
            f"pytest-energy. Choose another, or baselines could not tell the two apart."
        )
    return profile


def _from_tables(tables: Mapping[str, Any]) -> PowerProfile:
    """Build the record from tables that are known to be valid."""
    power, memory, detect = tables["power"], tables["memory"], tables.get("detect")
    return PowerProfile(
        id=tables["id"],
        name=tables["name"],
        cpu=_processor(tables["cpu"]),
        follows_threads=power["load"] == "threads",
        curve=tuple((float(load), float(watts)) for load, watts in power["curve"]),
        band_low=power["band"][0],
        band_high=power["band"][1],
        boundary=power["boundary"],
        source=tuple(power["source"]),
        memory=Memory(
            w_per_gib=memory["w_per_gib"],
            low=memory["band"][0],
            high=memory["band"][1],
            source=tuple(memory["source"]),
        ),
        signature=detect and _signature(detect),
    )


def _processor(cpu: Mapping[str, Any]) -> Processor:
    # The schema counts 4.0 as a whole number, as JSON does.
    whole = {key: int(value) for key, value in cpu.items() if key not in {"model", "unit"}}
    return Processor(model=cpu["model"], unit=cpu["unit"], **whole)


def _signature(detect: Mapping[str, Any]) -> Signature:
    return Signature(
        variables={name: tuple(words) for name, words in detect["variables"].items()},
        arch=tuple(detect["arch"]),
        cpu=detect.get("cpu"),
        vendor=detect.get("vendor"),
    )
