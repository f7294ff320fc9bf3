"""Differences: what is not the same where, or with what, several sources were measured."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_energy.gate.policy import TOLERANCE
from pytest_energy.gate.standing import Way
from pytest_energy.quantities import format_quantity
from pytest_energy.results.result import Result
from pytest_energy.statistics.trimmed import typical

_DIGEST = 10  # digits of a hash that tell files apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs between sources.

    Attributes:
        name: What.
        values: What it is in each source, in words.
    """

    name: str
    values: Mapping[str, str]


# The machine comes first, then what figures are computed with, then what ran.
_READERS: Mapping[str, Callable[[Result], str]] = {
    "environment": lambda result: result.environment.id,
    "power profile": lambda result: result.pins.profile,
    "carbon": lambda result: f"{result.score.intensity.in_words}, PUE {result.score.pue:g}",
    "onnxruntime": lambda result: result.factors.onnxruntime or "none",
    "numpy": lambda result: result.factors.numpy,
    "python": lambda result: result.factors.python,
    "reference": lambda result: result.factors.reference,
    "huge pages": lambda result: result.factors.huge_pages or "unknown",
    "variables": lambda result: (
        " ".join(f"{k}={v}" for k, v in sorted(result.factors.variables.items())) or "none"
    ),
}


def differences(ways: Sequence[Way]) -> tuple[Difference, ...]:
    """Name all that differs between the sources of ways, the machine first.

    What differs between ways of one source, such as their provider, is what they are compared by.
    """
    by_source: dict[str, list[Result]] = {}
    for way in ways:
        by_source.setdefault(way.source, []).append(way.result)
    if len(by_source) == 1:
        return ()
    return (*_of_sources(by_source), *_of_pace(by_source), *_of_models(by_source))


def _of_sources(by_source: Mapping[str, Sequence[Result]]) -> Iterator[Difference]:
    for name, read in _READERS.items():
        values = {source: sorted({read(result) for result in own}) for source, own in by_source.items()}
        if len({tuple(each) for each in values.values()}) > 1:
            yield Difference(name=name, values={source: ", ".join(each) for source, each in values.items()})


def _of_pace(by_source: Mapping[str, Sequence[Result]]) -> Iterator[Difference]:
    """Tell that one machine was not equally quick every time, by the reference that it ran alongside."""
    machines = {(one.environment.id, one.factors.reference) for own in by_source.values() for one in own}
    if len(machines) > 1:
        return
    paces = {
        source: typical([each.reference_cpu_s for one in own for each in one.processes])
        for source, own in by_source.items()
    }
    if max(paces.values()) > min(paces.values()) * (1 + TOLERANCE):
        shown = {source: format_quantity(pace, "s") for source, pace in paces.items()}
        yield Difference(name="pace of the machine: its reference took", values=shown)


def _of_models(by_source: Mapping[str, Sequence[Result]]) -> Iterator[Difference]:
    """Name models of one name whose bytes differ."""
    hashes: dict[str, dict[str, str]] = {}
    for source, own in by_source.items():
        for result in own:
            if result.factors.model:
                hashes.setdefault(result.benchmark.name, {})[source] = result.factors.model[:_DIGEST]
    for name, values in hashes.items():
        if len(set(values.values())) > 1:
            yield Difference(name=f"bytes of the model {name}", values=values)
