"""Given feeds: the arrays that a user's files or function give, one mapping per feed."""

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import InputsError
from pytest_energy.results.given_inputs import GivenInputs
from pytest_energy.workloads.sample_file import read_sample

Given = dict[str, npt.NDArray[Any] | list[npt.NDArray[Any]]]


def given_feeds(given: GivenInputs) -> list[Given]:
    """Return what files or function give; empty where there are none.

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


def _called(named: str, folder: Path) -> list[Given]:
    module, _, name = named.partition(":")
    where = f"The function of the inputs, {named!r} (looked for in {folder}),"
    try:
        function = _function(module, name, folder)
        returned = function()
    except InputsError:
        raise
    except Exception as error:  # the user's code may raise anything
        raise InputsError(
            f"{where} failed: {type(error).__name__}: {error}{_line(error, folder)}. Mend it there."
        ) from error
    feeds = returned if isinstance(returned, list | tuple) else [returned]
    if not feeds or not all(isinstance(each, Mapping) for each in feeds):
        raise InputsError(
            f"{where} returned {type(returned).__name__}: it must return a dict of arrays by the names of "
            "inputs, or a list of such dicts."
        )
    return [{str(key): as_value(value) for key, value in each.items()} for each in feeds]


def as_value(value: Any) -> npt.NDArray[Any] | list[npt.NDArray[Any]]:
    """Return a value as an array; a list of arrays stays, since it stands for a sequence."""
    if isinstance(value, list) and value and all(isinstance(each, np.ndarray) for each in value):
        return value
    return np.asarray(value)


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


def _line(error: BaseException, folder: Path) -> str:
    """Name the last line in the user's folder that took part."""
    trace, found = error.__traceback__, ""
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if Path(path).is_relative_to(folder):
            found = f" ({Path(path).name}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return found
