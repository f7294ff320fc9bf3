"""The inputs of a suite's benchmark: a file, a function, or what is said of single inputs."""

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pytest_energy.errors import SuiteError
from pytest_energy.results.given_inputs import DEFAULT_FEEDS, GivenInput, GivenInputs, Like

SAMPLE_ENDING = ".npz"

_FUNCTION = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")
_FILE_FUNCTION = re.compile(r"(?P<file>[^\W\d]\w*(?:/[^\W\d]\w*)*)\.py:(?P<name>[^\W\d]\w*)")
_LIKES = get_args(Like)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsWritten:
    """What a suite writes of inputs, paths as they are written.

    Attributes:
        files: Files, one per feed.
        function: ``module:function``; None for none.
        inputs: What is said of single inputs.
    """

    files: tuple[str, ...] = ()
    function: str | None = None
    inputs: tuple[GivenInput, ...] = ()


def read_inputs(written: str | list[str] | Mapping[str, Mapping[str, Any]]) -> InputsWritten:
    """Read the key ``inputs``.

    Raises:
        ValueError: It is neither a file nor a function, or a table has a wrong key or value.
    """
    if isinstance(written, Mapping):
        return InputsWritten(inputs=tuple(_input(name, table) for name, table in written.items()))
    if isinstance(written, str) and (file := _FILE_FUNCTION.fullmatch(written)):
        written = f"{file['file'].replace('/', '.')}:{file['name']}"
    if isinstance(written, str) and _FUNCTION.fullmatch(written):
        return InputsWritten(function=written)
    files = (written,) if isinstance(written, str) else tuple(written)
    for each in files:
        if not each.endswith(SAMPLE_ENDING):
            raise ValueError(f'{each!r} is neither a file *{SAMPLE_ENDING} nor a function "module:function"')
    return InputsWritten(files=files)


def suite_inputs(values: Mapping[str, Any], suite: Path, where: str) -> GivenInputs:
    """Return what a benchmark says of its inputs, paths relative to the suite's folder.

    Args:
        values: The values of its table.
        suite: The suite.
        where: How messages name the table.

    Raises:
        SuiteError: A file is missing.
    """
    written: InputsWritten = values.get("inputs", InputsWritten())
    files = tuple(suite.parent / file.replace("\\", "/") for file in written.files)
    for path, shown in zip(files, written.files, strict=True):
        if not path.is_file():
            raise SuiteError(
                f"{suite}: {where}: the inputs {shown!r}, looked for at {path}, are missing: check the path, "
                "or write them with numpy.savez."
            )
    return GivenInputs(
        feeds=values.get("feeds", DEFAULT_FEEDS),
        files=tuple(map(str, files)),
        function=written.function,
        folder=str(suite.parent.absolute()),
        inputs=written.inputs,
    )


def _input(name: str, table: Mapping[str, Any]) -> GivenInput:
    for key, value in table.items():
        if key not in _READERS:
            near = difflib.get_close_matches(key, _READERS, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise ValueError(f"{name!r}: the key {key!r} is unknown. {hint}Known here: {', '.join(_READERS)}")
        if value == []:
            raise ValueError(f"{name!r}: {key} is an empty list")
    read = {key: _READERS[key](f"{name!r}: {key}", value) for key, value in table.items()}
    if "values" in read and len(read.keys() & {"low", "high", "like"}):
        raise ValueError(f"{name!r}: values leave nothing to draw: leave out low, high and like")
    low, high = read.get("low"), read.get("high")
    if low is not None and high is not None and not low < high:
        raise ValueError(f"{name!r}: low is {low:g}, which must be less than high, {high:g}")
    return GivenInput(name=name, **read)


def _shape(where: str, value: Any) -> tuple[int, ...]:
    sizes = value if isinstance(value, list) else None
    if sizes is None or any(
        not isinstance(size, int) or isinstance(size, bool) or size < 0 for size in sizes
    ):
        raise ValueError(
            f"{where} is {value!r}, but it must be a list of whole numbers, such as [1, 3, 224, 224]"
        )
    return tuple(sizes)


def _bound(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{where} is {value!r}, but it must be a number")
    return value


def _scalars(where: str, value: Any) -> tuple[Any, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, int | float | str) for each in values):
        raise ValueError(f"{where} is {value!r}, but it must be a number, a text, or a flat list of them")
    return tuple(values)


def _like(where: str, value: Any) -> Any:
    if value not in _LIKES:
        raise ValueError(f"{where} is {value!r}, but it must be one of {', '.join(_LIKES)}")
    return value


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "shape": _shape,
    "low": _bound,
    "high": _bound,
    "values": _scalars,
    "like": _like,
}
