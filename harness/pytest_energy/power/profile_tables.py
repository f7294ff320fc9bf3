"""Tables of a profile's file, known to be valid, as records."""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_energy.power.generic_model import cpu_model
from pytest_energy.power.profile import (
    AcceleratorProfile,
    Memory,
    PowerProfile,
    Processor,
    Profile,
    Signature,
)

_BAND_LOAD = 0.5  # a profile has one band: that of the generic model with half of the cores busy

_MEMORY = Memory(
    w_per_gib=0.38,  # capacities of memory modules are binary: their GB is a GiB
    low=0.13,
    high=1.1,
    source=(
        "Centre: mean of Crucial (0.375), Green Algorithms v3 (0.3725), Cloud Carbon Footprint (0.392 W/GB)",
        "Ends: near idle and under memory stress on AWS bare metal, Teads with turbostat (2021)",
    ),
)


def profiles_of(document: Mapping[str, Any], origin: str) -> Iterator[Profile]:
    """Yield the profiles of a file: of a collection all of them, else the one that it is.

    Args:
        document: The file's tables.
        origin: Who brought it.
    """
    sources = document.get("sources", {})
    for tables in document.get("profile", [document]):
        yield (
            _accelerator(tables, sources, origin)
            if "accelerator" in tables
            else _cpu(tables, sources, origin)
        )


def _cpu(tables: Mapping[str, Any], sources: Mapping[str, str], origin: str) -> PowerProfile:
    detect = tables.get("detect")
    return PowerProfile(
        id=tables["id"],
        name=tables["name"],
        cpu=_processor(tables["cpu"]),
        memory=_memory(tables["memory"]) if "memory" in tables else _MEMORY,
        signature=detect and _signature(detect),
        aliases=tuple(tables.get("aliases", ())),
        memory_gib=tables.get("memory_gib"),
        origin=origin,
        **(_measured(tables["power"], sources) if "power" in tables else _rated(tables["tdp"], sources)),
    )


def _measured(power: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    return {
        "follows_threads": power["load"] == "threads",
        "curve": tuple((float(load), float(watts)) for load, watts in power["curve"]),
        "band_low": power["band"][0],
        "band_high": power["band"][1],
        "boundary": power["boundary"],
        "source": _spelt_out(power["source"], sources),
    }


def _rated(tdp: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    """Make the curve of a processor of which no more than its rated power is known."""
    model = cpu_model()
    low, high = model.band(_BAND_LOAD)
    limit_w = tdp.get("limit_w")
    return {
        "follows_threads": tdp.get("load", "threads") == "threads",
        "curve": model.curve(float(limit_w or tdp["w"])),
        "band_low": low,
        "band_high": high,
        "boundary": "processor package",
        "source": ("curve: the generic model", *_spelt_out(tdp["source"], sources)),
        "rated_w": float(tdp["w"]),
        "limit_w": limit_w,
    }


def _accelerator(tables: Mapping[str, Any], sources: Mapping[str, str], origin: str) -> AcceleratorProfile:
    figures = tables["accelerator"]
    band = figures.get("band")
    return AcceleratorProfile(
        id=tables["id"],
        name=tables["name"],
        aliases=tuple(tables.get("aliases", ())),
        rated_w=float(figures["rated_w"]),
        idle_w=float(figures["idle_w"]),
        saturated_w=figures.get("saturated_w"),
        band=(band[0], band[1]) if band else None,
        boundary=figures["boundary"],
        source=_spelt_out(figures["source"], sources),
        memory_gib=figures.get("memory_gib"),
        origin=origin,
    )


def _spelt_out(names: list[str], sources: Mapping[str, str]) -> tuple[str, ...]:
    """Return sources in full: a collection names each of its own once, by a key."""
    return tuple(sources.get(name, name) for name in names)


def _processor(cpu: Mapping[str, Any]) -> Processor:
    # The schema counts 4.0 as a whole number, as JSON does.
    whole = {key: int(value) for key, value in cpu.items() if key not in {"model", "unit"}}
    return Processor(model=cpu["model"], unit=cpu["unit"], **whole)


def _memory(memory: Mapping[str, Any]) -> Memory:
    return Memory(
        w_per_gib=memory["w_per_gib"],
        low=memory["band"][0],
        high=memory["band"][1],
        source=tuple(memory["source"]),
    )


def _signature(detect: Mapping[str, Any]) -> Signature:
    named = {key: value for key, value in detect.items() if key not in {"variables", "arch"}}
    return Signature(
        variables={name: tuple(words) for name, words in detect.get("variables", {}).items()},
        arch=tuple(detect.get("arch", ())),
        **named,
    )
