"""The project of a pytest run: whose settings hold, and where its baselines lie."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pytest_energy.errors import SettingsError
from pytest_energy.settings import Settings, read_project
from pytest_energy.workloads.model import fault_of_path
from pytest_energy.workloads.suite import MODEL_ENDINGS


def project_folder(config: pytest.Config) -> Path:
    """Return the nearest folder with a table ``[tool.pytest-energy]``; pytest's rootdir where there is none.

    It is looked for upwards from what is collected to the rootdir, which may be that of a whole repository of
    projects: each has its own settings, and its baselines beside them.

    Raises:
        SettingsError: A pyproject.toml on the way cannot be read.
    """
    top = config.rootpath
    if config.getoption("rootdir", None):
        return top
    here = _common(config)
    between = [each for each in (here, *here.parents) if each.is_relative_to(top)]
    return next((each for each in between if read_project(each)), top)


def require_models(config: pytest.Config) -> None:
    """Refuse models on the command line that are missing or folders, before pytest is left with a bare error.

    Raises:
        SettingsError: There is no such file; the message names those that may be meant.
    """
    for name, path in _named(config):
        if path.suffix in MODEL_ENDINGS and (fault := fault_of_path(path)):
            raise SettingsError(f"The model {name} {fault}.")


def shown_from(folder: Path, path: Path) -> str:
    """A path as one would type it in a folder; whole where it lies on another drive."""
    try:
        return os.path.relpath(path, folder)
    except ValueError:
        return str(path)


def overlooked(settings: Settings, folders: Iterable[Path], here: Path) -> str | None:
    """Say that baselines lie beside what was measured, and are not those that it is compared with.

    Args:
        settings: What the user asked for.
        folders: Those of suites, models and tests.
        here: Where pytest was started.

    Returns:
        A note; None where there are no such baselines.
    """
    beside = dict.fromkeys(folder / settings.baselines.name for folder in (here, *sorted(folders)))
    for folder in beside:
        if folder.resolve() != settings.baselines.resolve() and any(folder.glob("*/*.json")):
            sought, shown = shown_from(here, settings.baselines), shown_from(here, folder)
            return (
                f"All benchmarks are new, for baselines are looked for in {sought}. There are some in "
                f"{shown}: take these with --energy-baselines {shown}, or add a table [tool.pytest-energy] "
                "to the pyproject.toml beside them."
            )
    return None


def _named(config: pytest.Config) -> Iterator[tuple[str, Path]]:
    """Yield what the command line names to be collected."""
    if config.args_source is config.ArgsSource.ARGS:
        for argument in config.args:
            name = argument.partition("::")[0]
            yield name, config.invocation_params.dir / name


def _common(config: pytest.Config) -> Path:
    """Return the innermost folder that holds all that is named; else where pytest was started."""
    paths = [path if path.is_dir() else path.parent for _, path in _named(config)]
    if not paths:
        return config.invocation_params.dir
    try:
        return Path(os.path.commonpath([os.path.abspath(path) for path in paths]))  # noqa: PTH100 - no links
    except ValueError:  # on several drives
        return config.rootpath
