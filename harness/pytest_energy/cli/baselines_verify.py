"""``pytest-energy baselines verify``: whether every file of the baselines can be used."""

from collections.abc import Iterator

from pytest_energy.baselines.store import BaselineStore
from pytest_energy.cli.screen import Screen
from pytest_energy.errors import BaselineError


def run(store: BaselineStore, screen: Screen) -> int:
    """Check every file, and show one line per fault.

    Returns:
        The exit code: 1 if there is a fault.

    Raises:
        BaselineError: A folder cannot be listed.
    """
    faults = 0
    for fault in _faults(store):
        screen.unbroken(fault)
        faults += 1
    checked = len(store.files())
    screen.unbroken(f"{_counted(checked, 'baseline')} checked in {store.folder}, {_counted(faults, 'fault')}")
    return 1 if faults else 0


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _faults(store: BaselineStore) -> Iterator[str]:
    for path in store.files():
        try:
            store.load(path)
        except BaselineError as error:
            yield str(error)
    yield from (what_to_do for _, what_to_do in store.strays())
