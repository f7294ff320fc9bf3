"""The tables of a suite file: TOML that was checked against the suite's JSON Schema, its values read."""

import difflib
import json
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from pytest_energy.errors import SettingsError, SuiteError
from pytest_energy.providers import short_names
from pytest_energy.quantities import parse_ceiling, parse_fraction
from pytest_energy.workloads.suite_inputs import read_inputs

_HEADER = re.compile(r"\s*\[\[\s*benchmark\s*\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTable:
    """One ``[[benchmark]]`` on top of ``[defaults]``.

    Attributes:
        where: How messages name it within its file. Tables are counted from 1, as people count.
        line: Its line, from 1; None where it is unknown.
        values: What its keys say, always ``model`` among them. ``batch`` and ``providers`` are tuples,
            ``tolerance`` is a fraction, ``budget`` a Ceiling, ``time`` is in s,
            ``inputs`` an InputsWritten.
    """

    where: str
    line: int | None
    values: Mapping[str, Any]


def read_tables(path: Path) -> tuple[SuiteTable, ...]:
    """Read every benchmark of a suite file.

    Raises:
        SuiteError: The file cannot be read, names no benchmark, or has a wrong key or value.
    """
    text = _text(path)
    document = _parsed(path, text)
    lines = _lines(text, document)
    _validate(path, document, lines)
    if not document.get("benchmark"):
        raise SuiteError(f'{path} names no benchmark. Add a table [[benchmark]] with model = "MODEL.onnx".')
    defaults = _values(f"{path}: [defaults]", document.get("defaults", {}))
    return tuple(
        SuiteTable(
            where=(where := _where(["benchmark", number], lines)),
            line=lines.get(number),
            values=defaults | _values(f"{path}: {where}", table),
        )
        for number, table in enumerate(document["benchmark"])
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SuiteError(
            f"{path} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise SuiteError(
            f"{path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8."
        ) from error


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(
            f"{path} is not TOML: {error}. Mend it there; text needs quotes around it."
        ) from error


def _lines(text: str, document: Mapping[str, Any]) -> Mapping[int, int]:
    """Return the line of every ``[[benchmark]]``; none where a multi-line string may hold one more."""
    found = [number for number, line in enumerate(text.split("\n"), start=1) if _HEADER.match(line)]
    tables = document.get("benchmark")
    return dict(enumerate(found)) if isinstance(tables, list) and len(found) == len(tables) else {}


def _where(steps: list[str | int], lines: Mapping[int, int]) -> str:
    """Name the table that a path into the document leads to."""
    match steps:
        case ["benchmark", int(number), *_]:
            line = f" (line {lines[number]})" if number in lines else ""
            return f"benchmark[{number + 1}]{line}"
        case ["defaults", *_]:
            return "[defaults]"
        case _:
            return "top level"


@cache
def _schema() -> dict[str, Any]:
    text = (
        resources.files("pytest_energy.workloads").joinpath("suite.schema.json").read_text(encoding="utf-8")
    )
    schema: dict[str, Any] = json.loads(text)
    return schema


def _validate(path: Path, document: Mapping[str, Any], lines: Mapping[int, int]) -> None:
    """Refuse unknown keys and values of the wrong type. Of several faults a wrong value is named first."""
    faults = sorted(
        Draft202012Validator(_schema()).iter_errors(document),
        key=lambda fault: (fault.validator == "additionalProperties", list(fault.absolute_path)),
    )
    if faults:
        where = _where(list(faults[0].absolute_path), lines)
        raise SuiteError(f"{path}: {where}: {_explain(faults[0])}")


def _explain(fault: ValidationError) -> str:
    """Say what is wrong with a table and what to do about it."""
    match fault.validator, list(fault.absolute_path):
        case "additionalProperties", _:
            return _unknown_key(fault)
        case "required", _:
            return 'the key "model" is missing. Add model = "MODEL.onnx", a path relative to the suite file.'
        case _, [_, int(), str(key), *_] | ["defaults", str(key), *_]:
            shown = json.dumps(fault.instance, ensure_ascii=False, default=str)
            return f"{key} is {shown}, but it must be {_schema()['$defs'][key]['description']}."
        case _:
            return (
                "this is no table. Write [defaults] once, and [[benchmark]] above the keys of each benchmark."
            )


def _unknown_key(fault: ValidationError) -> str:
    schema: Any = fault.schema
    table: Any = fault.instance
    known = list(schema["properties"])
    unknown = next(key for key in table if key not in known)
    near = difflib.get_close_matches(unknown, known, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"the key {unknown!r} is unknown. {hint}Known here: {', '.join(known)}."


def _values(where: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Read the values of a valid table."""
    return {key: _value(where, key, written) for key, written in table.items()}


def _value(where: str, key: str, written: Any) -> Any:
    try:
        return _READERS.get(key, _as_written)(written)
    except (ValueError, SettingsError) as error:
        raise SuiteError(f"{where}: {key}: {error}") from error


def _as_written(written: Any) -> Any:
    return written


def _whole_numbers(written: float | list[float]) -> tuple[int, ...]:
    return tuple(int(size) for size in (written if isinstance(written, list) else [written]))


def _finite(written: float) -> float:
    if not math.isfinite(written):
        raise ValueError(f"{written} is no time budget: give a number of seconds, such as 6")
    return float(written)


# The schema counts 1.0 as a whole number, as JSON does.
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "batch": _whole_numbers,
    "threads": int,
    "feeds": int,
    "inputs": read_inputs,
    "providers": short_names,
    "tolerance": parse_fraction,
    "budget": parse_ceiling,
    "time": _finite,
}
