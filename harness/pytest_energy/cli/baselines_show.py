"""``pytest-energy baselines show``: everything in one baseline."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.cli.screen import Screen
from pytest_energy.errors import UsageError
from pytest_energy.quantities import format_quantity
from pytest_energy.reports import figures
from pytest_energy.results.codec import to_plain

_RECORDS = ("benchmark", "pins", "factors", "environment")
_PROCESS_HEADS = ("process", "CPU time/step", "latency", "reference", "cost (step/reference)")


def run(store: BaselineStore, screen: Screen, name: str, environment: str | None, here: str) -> int:
    """Show one baseline.

    Args:
        store: Where the baselines lie.
        screen: Where it is shown.
        name: Id of the benchmark.
        environment: Id of the environment; None for this machine's, or the only one.
        here: Id of this machine's environment.

    Returns:
        The exit code, 0.

    Raises:
        UsageError: There is no such baseline, or there are several; the message names the nearest.
        BaselineError: Its file cannot be used.
    """
    chosen = _choose(store, name, environment, here)
    baseline = store.load(store.path(chosen, name))
    screen.line(name, style="bold")
    screen.table(("", ""), _summary(baseline, is_here=chosen == here), foldable=[1])
    plain = to_plain(baseline)
    for record in _RECORDS:
        _section(screen, record)
        screen.table(("", ""), _flat(plain[record]), foldable=[1])
    _section(screen, "processes")
    screen.table(_PROCESS_HEADS, _processes(baseline), foldable=[])
    return 0


def _choose(store: BaselineStore, name: str, environment: str | None, here: str) -> str:
    """Return the environment whose baseline is meant."""
    files = store.files()
    having = [path.parent.name for path in files if path.stem == name]
    if not having:
        raise UsageError(
            f"There is no baseline of {name!r} in {store.folder}. "
            f"{_nearest(name, {path.stem for path in files})}"
        )
    if environment is None and (here in having or len(having) == 1):
        return here if here in having else having[0]
    if environment in having:
        return environment
    asked = "none of this machine" if environment is None else f"none of {environment!r}"
    raise UsageError(
        f"{name!r} has baselines of {len(having)} environments, and {asked}. Name one of them with "
        f"--environment: {', '.join(having)}."
    )


def _nearest(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return "See what there is with pytest-energy baselines list."


def _summary(baseline: Baseline, *, is_here: bool) -> Iterator[tuple[str, str]]:
    origin = baseline.provenance
    yield "environment", baseline.environment.id + (" (this machine)" if is_here else "")
    yield "energy", f"{format_quantity(baseline.energy_j, 'J')} per step, the gated figure"
    yield "emissions", f"{figures.carbon_at(baseline.pins, baseline.energy_j)} CO2e per {figures.STEPS} steps"
    yield "commit", origin.commit or "unknown"
    yield "date", origin.date
    yield "reason", origin.reason or "(none: nothing had regressed)"


def _section(screen: Screen, title: str) -> None:
    screen.line()
    screen.line(title, style="bold")


def _flat(record: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield every field with its value as text, those of records within with dots in their names."""
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", _shown(value)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _processes(baseline: Baseline) -> Iterator[tuple[str, ...]]:
    for number, one in enumerate(baseline.processes, start=1):
        times = (one.cpu_s, one.duration_s, one.reference_cpu_s)
        yield str(number), *(format_quantity(each, "s") for each in times), f"{one.cost:#.4g}"
