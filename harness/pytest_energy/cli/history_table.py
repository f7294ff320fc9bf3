"""``pytest-energy history``: every benchmark in a line, with its drift and its last change point."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from pytest_energy.baselines.series import Series
from pytest_energy.cli.screen import Screen
from pytest_energy.quantities import format_change, format_quantity
from pytest_energy.statistics.change_points import Drift

_HEADS = ("benchmark", "runs", "first and last", "energy/step", "drift", "last change point")
_FOLDABLE = (5, 2, 0)
_LEGEND = (
    "drift: cost of the last runs against the first, up to 8 at each end; ± is a 98 % interval",
    "One benchmark with its runs and what changed: pytest-energy history FILE BENCHMARK",
)


def run(series: Sequence[Series], screen: Screen, path: Path, here: str) -> int:
    """Show all series.

    Args:
        series: What there is, in the order of environments.
        screen: Where it is shown.
        path: The file that it comes from.
        here: Id of this machine's environment.

    Returns:
        The exit code, 0.
    """
    if not series:
        screen.unbroken(f"No run in {path}. Add some with pytest --energy --energy-history {path}.")
        return 0
    for environment, group in groupby(series, key=lambda one: one.environment):
        own = list(group)
        screen.line(environment + (" (this machine)" if environment == here else ""), style="bold")
        screen.table(_HEADS, map(_row, own), foldable=_FOLDABLE)
        profiles = ", ".join(dict.fromkeys(one.entries[-1].profile for one in own))
        screen.line(f"  energy: as the power profile {profiles} gives it")
        for note in _notes(own):
            screen.line(note)
        screen.line()
    for line in _LEGEND:
        screen.line(line)
    return 0


def drift_words(drift: Drift | None) -> str:
    """A drift with half the width of its interval: ``+5.1±1.2 %``."""
    if drift is None:
        return "unknown"
    if drift.low is None or drift.high is None:
        return format_change(drift.point)
    half = (drift.high - drift.low) / 2
    return f"{format_change(drift.point).removesuffix(' %')}±{half * 100:.1f} %"


def _row(series: Series) -> tuple[str, ...]:
    first, last = series.entries[0], series.entries[-1]
    return (
        series.benchmark,
        str(len(series.entries)),
        _dates(first.time, last.time),
        format_quantity(last.energy_j, "J"),
        drift_words(series.drift),
        _last_change(series),
    )


def _dates(first: str, last: str) -> str:
    return first[:10] if first[:10] == last[:10] else f"{first[:10]} {last[:10]}"


def _last_change(series: Series) -> str:
    if not series.changes:
        return "none"
    change = series.changes[-1]
    at = series.entries[change.index]
    return f"{format_change(change.change)} {at.time[:10]} {at.commit or '(no commit)'}"


def _notes(series: Sequence[Series]) -> Iterator[str]:
    """Say why a benchmark has more than one line."""
    for benchmark, group in groupby(series, key=lambda one: one.benchmark):
        references = [one.reference for one in group]
        if len(references) > 1:
            yield (
                f"{benchmark}: one line per reference ({', then '.join(references)}), for costs in units of "
                "one say nothing of those in units of another"
            )
