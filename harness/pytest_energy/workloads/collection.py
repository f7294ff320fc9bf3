"""Collection: suites and models that are named become the benchmarks of one run."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pytest_energy.errors import UsageError
from pytest_energy.workloads.model import fault_of_path
from pytest_energy.workloads.suite import MODEL_ENDINGS, SUITE_ENDING, SuiteEntry

Entries = tuple[SuiteEntry, ...]

_MODELS = " or ".join(f"*{ending}" for ending in MODEL_ENDINGS)
_OWN_MARK = "pyvenv.cfg"  # lies in the folder of every virtual environment


def collect(
    names: Iterable[str],
    folder: Path,
    read_suite: Callable[[Path], Entries],
    read_model: Callable[[Path, str], Entries],
) -> Entries:
    """Return the benchmarks of suites, of all suites below folders, and of models; of each file once.

    Args:
        names: Paths of suites, folders and models, as the user wrote them.
        folder: What they are relative to.
        read_suite: Returns the benchmarks of a suite.
        read_model: Returns those of a model, given also the path by which a person knows it.

    Raises:
        UsageError: A path is none of these, there is no suite, one is broken, or two benchmarks have one id.
    """
    read: set[Path] = set()
    entries: list[SuiteEntry] = []
    owners: dict[str, str] = {}
    for path, shown in _files(names, folder):
        if path.resolve() in read:
            continue
        read.add(path.resolve())
        for entry in read_suite(path) if path.name.endswith(SUITE_ENDING) else read_model(path, shown):
            _claim(owners, entry.benchmark.id, shown)
            entries.append(entry)
    return tuple(entries)


def _files(names: Iterable[str], folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every suite and model, each with the path by which a person knows it."""
    for name in names:
        path = folder / name
        if path.is_dir():
            suites = sorted(_suites_below(path))
            if not suites:
                raise UsageError(f"There is no *{SUITE_ENDING} below {name}: name a suite, or a model in it.")
            yield from ((suite, str(Path(name) / suite.relative_to(path))) for suite in suites)
        elif not name.endswith((SUITE_ENDING, *MODEL_ENDINGS)):
            raise UsageError(
                f"{name} is no suite (*{SUITE_ENDING}), no model ({_MODELS}) and no folder: check the path."
            )
        elif fault := fault_of_path(path):
            raise UsageError(f"{name} {fault}.")
        else:
            yield path, name


def _suites_below(top: Path) -> Iterator[Path]:
    """Yield every suite below a folder, but for those in hidden folders and in virtual environments."""
    for folder, below, files in os.walk(top):
        here = Path(folder)
        below[:] = [
            name for name in below if not (name.startswith(".") or (here / name / _OWN_MARK).is_file())
        ]
        yield from (here / name for name in files if name.endswith(SUITE_ENDING))


def _claim(owners: dict[str, str], name: str, shown: str) -> None:
    if name in owners:
        raise UsageError(
            f"Two benchmarks have the id {name!r}: of {owners[name]} and of {shown}. Give one of them a name "
            'of its own: name = "..." in its suite.'
        )
    owners[name] = shown
