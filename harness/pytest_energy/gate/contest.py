"""Contests: what was measured, gathered into one contest per model and ranked by every quantity."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_energy.gate.family import family_of
from pytest_energy.gate.standing import Quantity, Ranking, Way, ranking
from pytest_energy.results.benchmark import Benchmark


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One model, or one callable, in several ways.

    Attributes:
        name: Name of the model without its precision; with the mode where that is not inference.
        ways: At least two, the most frugal first; what cannot be compared by energy comes last.
        rankings: One per quantity.
    """

    name: str
    ways: tuple[Way, ...]
    rankings: tuple[Ranking, ...]

    @property
    def of_batches_only(self) -> bool:
        """Whether the ways differ in nothing but their batch."""
        kinds = {replace(way.result.benchmark, batch=1) for way in self.ways}
        return len(kinds) == 1 and len({way.source for way in self.ways}) == 1

    def ranking(self, quantity: Quantity) -> Ranking:
        """Return the ranking by a quantity."""
        return next(each for each in self.rankings if each.quantity is quantity)


def contests(ways: Iterable[Way]) -> tuple[Contest, ...]:
    """Return a contest per model that was measured in more than one way, in the order of the ways."""
    return tuple(_contest(name, group) for name, group in _grouped(ways).items() if len(group) > 1)


def alone(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Return the ways that have no other to be compared with."""
    return tuple(group[0] for group in _grouped(ways).values() if len(group) == 1)


def _grouped(ways: Iterable[Way]) -> dict[str, list[Way]]:
    groups: defaultdict[str, list[Way]] = defaultdict(list)
    for way in ways:
        groups[_name(way.result.benchmark)].append(way)
    return groups


def _name(benchmark: Benchmark) -> str:
    """Return the family of a model; a callable may be called anything."""
    if benchmark.model is None:
        return f"{benchmark.name}, {benchmark.mode}"
    family, _ = family_of(benchmark.name)
    if benchmark.training is not None and benchmark.training.is_run:
        return f"{family}, training{benchmark.training.end}"  # a whole run is no match for one batch
    return family if benchmark.mode == "inference" else f"{family}, {benchmark.mode}"


def _contest(name: str, group: Sequence[Way]) -> Contest:
    rankings = [ranking(each, group) for each in Quantity]
    energy = next(each for each in rankings if each.quantity is Quantity.ENERGY).standings
    order = sorted(range(len(group)), key=lambda number: (energy[number].rank is None, energy[number].value))
    return Contest(
        name=name,
        ways=tuple(group[number] for number in order),
        rankings=tuple(
            replace(each, standings=tuple(each.standings[number] for number in order)) for each in rankings
        ),
    )
