"""``pytest-energy profiles validate``: whether files of power profiles can be used."""

from collections.abc import Sequence
from pathlib import Path

from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.errors import ProfileError, UsageError
from pytest_energy.power.catalogue import profiles_in

_FAULTY = 1


def run(files: Sequence[Path]) -> int:
    """Check each file and say what is wrong with it.

    Returns:
        0; 1 where one is faulty.

    Raises:
        UsageError: There is no such file.
    """
    for file in files:
        if not file.is_file():
            raise UsageError(f"{file} is {'a folder' if file.is_dir() else 'missing'}: name a .toml file.")
    screen = standard_screen()
    faults = 0
    for file in files:
        try:
            found = profiles_in(file)
        except ProfileError as error:
            faults += 1
            screen.line(str(error), style="red")
        else:
            screen.line(f"{file}: {', '.join(one.id for one in found)}, no fault")
    show(screen)
    return _FAULTY if faults else 0
