"""Given feeds: the arrays that a user's files or function give, one mapping per feed."""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from pytest_energy.errors import InputsError
from pytest_energy.results.given_inputs import GivenInputs
from pytest_energy.workloads.loader import Given, Loader, as_given, failure
from pytest_energy.workloads.sample_file import read_sample

_WHOLE = (Mapping, list, tuple, np.ndarray, str, bytes)
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def given_feeds(given: GivenInputs) -> list[Given]:
    """Return what files or function give, of a loader the first batches; empty where there are none.

    Raises:
        InputsError: A file cannot be read, or the function is missing, fails, or returns something else.
    """
    return first_feeds(opened_inputs(given), given.feeds)


def first_feeds(opened: list[Given] | Loader, most: int) -> list[Given]:
    """Return feeds that are held in memory: all that are given, but of a loader so many at most.

    Raises:
        InputsError: The loader fails.
    """
    return list(islice(opened.batches(0), most)) if isinstance(opened, Loader) else opened


def opened_inputs(given: GivenInputs) -> list[Given] | Loader:
    """Return what files or function give, or the function where it gives batches one by one.

    The function is imported and called here: this runs in a worker.

    Raises:
        InputsError: A file cannot be read, or the function is missing, fails, or returns something else.
    """
    if given.function is not None:
        return _called(given.function, Path(given.folder))
    return [dict(read_sample(Path(file))) for file in given.files]


def given_identity(given: GivenInputs) -> str:
    """Return a hash of all that is given, files and the function's module by what they hold."""
    plain = asdict(given) | {"folder": None, "files": [_content(Path(file)) for file in given.files]}
    if given.function is not None:
        plain["module"] = _content(module_path(given))
    return hashlib.sha256(repr(sorted(plain.items())).encode("utf-8", "surrogatepass")).hexdigest()


def module_path(given: GivenInputs) -> Path:
    """Return where the function's module lies if it lies in the folder; a package's is its ``__init__``."""
    module = (given.function or "").partition(":")[0]
    below = Path(given.folder, *module.split("."))
    return below / "__init__.py" if below.is_dir() else below.with_name(f"{below.name}.py")


def _content(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "missing"


def _called(named: str, folder: Path) -> list[Given] | Loader:
    module, _, name = named.partition(":")
    where = f"The function of the inputs, {named!r} (looked for in {folder}),"
    try:
        function = _by_pass(_function(module, name, folder))
        returned = function(0)
    except InputsError:
        raise
    except Exception as error:  # the user's code may raise anything
        raise failure(where, error, folder) from error
    if _is_live(returned):
        return Loader(function, where, folder)
    feeds = returned if isinstance(returned, list | tuple) else [returned]
    return [as_given(each, where) for each in feeds or [returned]]


def _is_live(returned: object) -> bool:
    """Whether it gives batches one by one, as generators and data loaders do; what is whole is not."""
    return isinstance(returned, Iterable) and not isinstance(returned, _WHOLE)


def _by_pass(function: Callable[..., Any]) -> Callable[[int], Any]:
    """Let a function that takes an argument have the number of the pass; others need not care."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # a builtin tells nothing of itself
        return lambda _: function()
    takes = any(each.default is each.empty and each.kind in _POSITIONAL for each in parameters)
    return function if takes else lambda _: function()


def _function(module: str, name: str, folder: Path) -> Callable[[], Any]:
    with _importing_from(folder):
        loaded = _module(module, folder)
    function = getattr(loaded, name, None)
    if not callable(function):
        raise InputsError(
            f"The module {module} of the inputs ({loaded.__file__}) has no function {name!r}: write one, or "
            "name it as module:function."
        )
    return function  # type: ignore[no-any-return]  # what it returns is checked


def _module(name: str, folder: Path) -> ModuleType:
    """Import a module from the folder, else one that is installed."""
    path = module_path(GivenInputs(function=name, folder=str(folder)))
    spec = importlib.util.spec_from_file_location(name, path) if path.is_file() else None
    if spec is None or spec.loader is None:
        return importlib.import_module(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Let the module import what lies beside it."""
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
