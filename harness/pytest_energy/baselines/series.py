"""A series: the runs of one benchmark whose costs may be compared, and what changed among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pytest_energy.baselines.history import HistoryEntry, factor_changes
from pytest_energy.results.factors import FactorChange
from pytest_energy.statistics.change_points import ChangePoint, Drift, change_points, drift


@dataclass(frozen=True, kw_only=True)
class Series:
    """Runs of one benchmark in one environment, in units of one reference, oldest first.

    Costs in units of another reference, or on another class of machines, are other figures.

    Attributes:
        environment: Id of the environment.
        benchmark: Id of the benchmark.
        reference: The reference in whose units the costs are.
        entries: The runs, at least one.
    """

    environment: str
    benchmark: str
    reference: str
    entries: tuple[HistoryEntry, ...]

    @cached_property
    def changes(self) -> tuple[ChangePoint, ...]:
        """Where the level of the costs changed."""
        return change_points([one.cost for one in self.entries])

    @cached_property
    def drift(self) -> Drift | None:
        """How much the last runs cost more than the first; None for a single run."""
        return drift([one.cost for one in self.entries], self.changes)

    def factors_at(self, change: ChangePoint) -> tuple[FactorChange, ...]:
        """Name the factors that changed around a change point, which noise may have moved by one run."""
        around = self.entries[change.index - 2 : change.index + 2]
        found = (one for before, after in pairwise(around) for one in factor_changes(before, after))
        return tuple(dict.fromkeys(found))


def series_of(entries: Iterable[HistoryEntry]) -> list[Series]:
    """Sort runs into series: by environment, by benchmark, and by the time of their first run."""
    groups: dict[tuple[str, str, str], list[HistoryEntry]] = {}
    for one in entries:
        key = (one.environment, one.benchmark, one.factors.get("reference", ""))
        groups.setdefault(key, []).append(one)
    found = [
        Series(environment=environment, benchmark=benchmark, reference=reference, entries=tuple(runs))
        for (environment, benchmark, reference), runs in groups.items()
    ]
    return sorted(found, key=lambda one: (one.environment, one.benchmark, one.entries[0].time))
