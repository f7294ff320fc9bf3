"""``pytest-energy history BENCHMARK``: its runs over time, and what changed where its level did."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pytest_energy.baselines.history import HistoryEntry
from pytest_energy.baselines.series import Series
from pytest_energy.cli.screen import Screen
from pytest_energy.quantities import format_change, format_quantity
from pytest_energy.reports import figures
from pytest_energy.statistics.change_points import CONFIDENCE, SHORTEST, ChangePoint

_HEADS = ("", "date", "commit", "energy/step", "cost", "change", "verdict")
_FOLDABLE = (2, 3)
_PLACES = 12  # columns of the plot of costs
_LEGEND = (
    ">: a change point, the first run at a new level",
    "cost: CPU time in units of the reference, from the least (left) to the most (right)",
    "change: against what the run was compared with, as it was told then",
)


def run(series: Sequence[Series], screen: Screen) -> int:
    """Show the series of one benchmark in one environment.

    Args:
        series: One per reference, oldest first.
        screen: Where they are shown.

    Returns:
        The exit code, 0.
    """
    screen.line(series[0].benchmark, style="bold")
    screen.line(series[0].environment)
    for one in series:
        screen.line()
        if len(series) > 1:
            screen.line(f"in units of the reference {one.reference}", style="bold")
        screen.table(_HEADS, _rows(one), foldable=_FOLDABLE)
        screen.line()
        for line in _summary(one):
            screen.line(line)
    screen.line()
    for line in _LEGEND:
        screen.line(line)
    return 0


def _rows(series: Series) -> Iterator[tuple[str, ...]]:
    begins = {change.index for change in series.changes}
    costs = [one.cost for one in series.entries]
    least, most = min(costs), max(costs)
    for index, one in enumerate(series.entries):
        yield (
            ">" if index in begins else "",
            one.time[:10],
            one.commit or "unknown",
            _energy(one),
            _plotted(one.cost, least, most),
            "unknown" if one.change is None else format_change(one.change),
            one.verdict,
        )


def _energy(one: HistoryEntry) -> str:
    shown = format_quantity(one.energy_j, "J", one.random_j)
    return f"{shown} ± unknown" if one.random_j is None else shown


def _plotted(cost: float, least: float, most: float) -> str:
    """Mark a cost between the least and the most: ``....o.......``, in characters that all terminals show."""
    share = (cost - least) / (most - least) if most > least else 0.5
    place = round(share * (_PLACES - 1))
    return f"{'.' * place}o{'.' * (_PLACES - 1 - place)}"


def _summary(series: Series) -> Iterator[str]:
    yield _drift(series)
    for change in series.changes:
        yield _change(series, change)
    if not series.changes:
        few = f"; {2 * SHORTEST} runs are the fewest that can tell" if _is_short(series) else ""
        yield f"no change point{few}"
    yield from _profiles(series)


def _is_short(series: Series) -> bool:
    return len(series.entries) < 2 * SHORTEST


def _drift(series: Series) -> str:
    first, drift = series.entries[0], series.drift
    since = f"drift since {first.time[:10]}, commit {first.commit or 'unknown'}"
    if drift is None:
        return f"{since}: unknown after one run"
    if drift.low is None or drift.high is None:
        return f"{since}: {format_change(drift.point)} (interval unknown)"
    ends = f"{format_change(drift.low)} to {format_change(drift.high)}"
    return (
        f"{since}: {format_change(drift.point)} ({CONFIDENCE * 100:g} % interval {ends}; the last "
        f"{drift.last} runs against the first {drift.first})"
    )


def _change(series: Series, change: ChangePoint) -> str:
    at = series.entries[change.index]
    factors = [figures.factor(each) for each in series.factors_at(change)]
    recorded = (
        f"changed around then: {'; '.join(factors)}" if factors else "nothing recorded changed around then"
    )
    commit = at.commit or "unknown"
    return f"> {format_change(change.change)} from {at.time[:10]} on, commit {commit}; {recorded}"


def _profiles(series: Series) -> Iterator[str]:
    """Say where joules before and after are not comparable, though costs are."""
    for before, after in pairwise(series.entries):
        if before.profile != after.profile:
            yield (
                f"{after.time[:10]}: power profile {before.profile} -> {after.profile}; joules before and "
                "after differ by it, costs do not"
            )
