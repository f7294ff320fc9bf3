"""The answer of ``pytest-energy history``: which file, benchmark and environment are meant, and how shown."""

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from pytest_energy.baselines.history import History
from pytest_energy.baselines.series import Series, series_of
from pytest_energy.cli import history_json, history_show, history_table
from pytest_energy.cli.project import project_root
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.environment import detect_machine
from pytest_energy.errors import UsageError
from pytest_energy.settings import read_project, read_settings


def run(arguments: argparse.Namespace) -> int:
    """Show all benchmarks, or one.

    Returns:
        The exit code, 0.

    Raises:
        UsageError: The file, the benchmark or the environment is unknown; the message names the nearest.
        HarnessError: The file cannot be used.
    """
    path, benchmark = _named(arguments.file, arguments.benchmark, Path.cwd())
    every = series_of(History(path).read())
    here = detect_machine().environment.id
    chosen = _of_environment(every, arguments.environment, path)
    if benchmark is not None:
        chosen = _of_benchmark(chosen, benchmark, path)
    if arguments.json:
        print(history_json.render(chosen, runs=benchmark is not None))
        return 0
    screen = standard_screen()
    if benchmark is None:
        code = history_table.run(chosen, screen, path, here)
    else:
        code = history_show.run(_one_environment(chosen, here), screen)
    show(screen)
    return code


def _named(file: str | None, benchmark: str | None, folder: Path) -> tuple[Path, str | None]:
    """Return the file and the benchmark that are meant; a single word that is no file may be a benchmark.

    Raises:
        UsageError: No file is named, or there is none of that name.
    """
    root = project_root(folder)
    setting = read_settings({}, read_project(root), root, folder).history
    if file is not None and (setting is None or benchmark is not None or (folder / file).exists()):
        path = folder / file
    elif setting is not None:
        path, benchmark = setting, file
    else:
        raise UsageError(
            "Which history? Name its file: pytest-energy history FILE, or set 'history' in "
            "[tool.pytest-energy]."
        )
    if not path.is_file():
        raise UsageError(
            f"There is no history {path}. Begin one with pytest --energy --energy-history FILE, or name "
            "another."
        )
    return path, benchmark


def _of_environment(series: Sequence[Series], environment: str | None, path: Path) -> list[Series]:
    known = sorted({one.environment for one in series})
    if environment is not None and environment not in known:
        raise UsageError(
            f"There is no environment {environment!r} in {path}. Known: {', '.join(known) or 'none'}."
        )
    return [one for one in series if environment in (None, one.environment)]


def _of_benchmark(series: Sequence[Series], benchmark: str, path: Path) -> list[Series]:
    found = [one for one in series if one.benchmark == benchmark]
    if not found:
        near = get_close_matches(benchmark, sorted({one.benchmark for one in series}), n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"See pytest-energy history {path}."
        raise UsageError(f"There is no benchmark {benchmark!r} in {path}. {hint}")
    return found


def _one_environment(series: Sequence[Series], here: str) -> list[Series]:
    """Return the series of this machine, or of the only one that there is."""
    having = sorted({one.environment for one in series})
    if here not in having and len(having) > 1:
        raise UsageError(
            f"{series[0].benchmark!r} ran in {len(having)} environments, and none is this machine's. Name "
            f"one of them with --environment: {', '.join(having)}."
        )
    chosen = here if here in having else having[0]
    return [one for one in series if one.environment == chosen]
