"""The project that a command is started in: its pyproject.toml and what that says."""

from pathlib import Path

from pytest_energy.errors import SettingsError, UsageError
from pytest_energy.settings import read_project, read_settings


def project_root(folder: Path) -> Path:
    """Return the nearest folder whose pyproject.toml has our table, else any; else ``folder`` itself."""
    every = [each for each in (folder, *folder.parents) if (each / "pyproject.toml").is_file()]
    return next(filter(_has_settings, every), every[0] if every else folder)


def _has_settings(folder: Path) -> bool:
    try:
        return bool(read_project(folder))
    except SettingsError:
        return True  # who reads it there will tell what is wrong


def baselines_folder(given: str | None, folder: Path) -> Path:
    """Return the folder of the baselines: as given, else as pyproject.toml says, else the built-in one.

    Args:
        given: The value of ``--baselines``, relative to ``folder``; None where it was not given.
        folder: Where the command was started.

    Raises:
        UsageError: The settings cannot be used, or there is no such folder.
    """
    root = project_root(folder)
    flags = {} if given is None else {"baselines": given}
    found = read_settings(flags, read_project(root), root, folder).baselines
    if not found.is_dir():
        raise UsageError(
            f"There is no folder of baselines {found}. Record some with pytest --energy --energy-update, or "
            "name another folder with --baselines."
        )
    return found
