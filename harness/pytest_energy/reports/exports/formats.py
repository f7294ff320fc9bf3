"""The table of formats that figures are exported in."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.errors import SettingsError
from pytest_energy.reports.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format.

    Attributes:
        name: What it is called on the command line.
        module: The module beside this one that makes it. One for a file has ``render(report)``, which
            returns its content; one for a folder has ``write(report, path)``.
        folder: Whether it is a folder that runs are added to, and no file.
        needs: The package that it is written with, as it is imported; empty where none is needed.
    """

    name: str
    module: str
    folder: bool = False
    needs: str = ""


FORMATS: tuple[Format, ...] = (
    Format(name="bencher", module="bencher_metrics"),
    Format(name="codecarbon", module="codecarbon_emissions"),
    Format(name="csv", module="figures_csv"),
    Format(name="github-action-benchmark", module="github_benchmark"),
    Format(name="mlflow", module="mlflow_runs", folder=True, needs="mlflow"),
    Format(name="openmetrics", module="metrics_text"),
    Format(name="parquet", module="figures_parquet", needs="pyarrow"),
)

_BY_NAME = {one.name: one for one in FORMATS}


def known_exports(exports: tuple[tuple[str, Path], ...]) -> tuple[tuple[str, Path], ...]:
    """Return what was asked for if it can be done: a known format, at a path of its kind.

    Raises:
        ValueError: A format is unknown, or its path cannot be its own.
    """
    for name, path in exports:
        if name not in _BY_NAME:
            raise ValueError(f"{name!r} is no format. Known: {', '.join(_BY_NAME)}")
        if _BY_NAME[name].folder and path.is_file():
            raise ValueError(f"{path} is a file: name a folder for {name}")
        if not _BY_NAME[name].folder and path.is_dir():
            raise ValueError(f"{path} is a folder: name a file for {name}, which will be written")
    return exports


def require_packages(names: Iterable[str]) -> None:
    """See that the formats can be written, before anything is measured for them.

    Raises:
        SettingsError: A package is missing.
    """
    for name in names:
        needed = _BY_NAME[name].needs
        if needed and find_spec(needed) is None:
            raise SettingsError(
                f'The format {name} needs the package {needed}: pip install "pytest-energy[exports]", or '
                "export another format."
            )


def write_export(name: str, report: Report, path: Path) -> None:
    """Write a report in a format.

    Raises:
        HarnessError: It could not be written.
    """
    chosen = _BY_NAME[name]
    # Imported here: some formats need packages that take seconds to import.
    module: Any = import_module(f"pytest_energy.reports.exports.{chosen.module}")
    if chosen.folder:
        module.write(report, path)
    else:
        write_atomically(path, module.render(report))
