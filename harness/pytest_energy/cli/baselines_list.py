"""``pytest-energy baselines list``: one line per baseline, by environment."""

from collections.abc import Sequence
from itertools import groupby

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.cli.screen import Screen, complain
from pytest_energy.errors import BaselineError
from pytest_energy.quantities import format_quantity

_HEADS = ("benchmark", "energy/step", "commit", "date", "reason")
_FOLDABLE = (4, 0)


def run(store: BaselineStore, screen: Screen, here: str) -> int:
    """List every baseline; files that cannot be used are complained about.

    Args:
        store: Where the baselines lie.
        screen: Where they are shown.
        here: Id of this machine's environment.

    Returns:
        The exit code: 1 if a file cannot be used.
    """
    baselines, code = _read(store)
    for environment, group in groupby(baselines, key=lambda one: one.environment.id):
        screen.line(environment + (" (this machine)" if environment == here else ""), style="bold")
        _table(screen, list(group))
        screen.line()
    screen.unbroken(_counted(baselines, store, here))
    return code


def _read(store: BaselineStore) -> tuple[list[Baseline], int]:
    baselines, code = [], 0
    for path in store.files():
        try:
            baselines.append(store.load(path))
        except BaselineError as error:
            complain(str(error))
            code = 1
    return baselines, code


def _table(screen: Screen, baselines: Sequence[Baseline]) -> None:
    rows = [
        (
            one.benchmark.id,
            format_quantity(one.energy_j, "J"),
            one.provenance.commit or "unknown",
            one.provenance.date,
            one.provenance.reason or "",
        )
        for one in baselines
    ]
    shown = len(_HEADS) if any(one.provenance.reason for one in baselines) else len(_HEADS) - 1
    foldable = [number for number in _FOLDABLE if number < shown]
    screen.table(_HEADS[:shown], [row[:shown] for row in rows], foldable=foldable)
    profiles = ", ".join(dict.fromkeys(one.pins.profile for one in baselines))
    screen.line(f"  energy: as the power profile {profiles} gives it")


def _counted(baselines: Sequence[Baseline], store: BaselineStore, here: str) -> str:
    if not baselines:
        return f"No baseline in {store.folder}. Record some with pytest --energy --energy-update."
    own = sum(one.environment.id == here for one in baselines)
    return f"{len(baselines)} in {store.folder}, {own} of them for this machine"
