"""The tables of a suite file: TOML that was checked against the suite's JSON Schema, its values read."""

import difflib
import json
import math
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from pytest_energy.errors import SettingsError, SuiteError
from pytest_energy.providers import provider_named, short_names
from pytest_energy.quantities import (
    parse_agreement,
    parse_ceiling,
    parse_duration_s,
    parse_fraction,
    parse_least_share,
    parse_target,
)
from pytest_energy.results.training import SHUFFLE_WITHOUT_RUN
from pytest_energy.workloads.suite_inputs import read_inputs

_OWN_ENTRIES = frozenset(
    {
        "session.intra_op.allow_spinning",
        "session.inter_op.allow_spinning",
        "session.force_spinning_stop",
        "session.record_ep_graph_assignment_info",
    }
)
_OF_TRAINING = (
    "loss",
    "optimizer",
    "hyperparameters",
    "frozen",
    "clip",
    "accumulate",
    "lowering",
    "output",
    "steps",
    "epochs",
    "target",
    "patience",
    "shuffle",
)
_ENDS = ("steps", "epochs", "target", "patience")
_HEADER = re.compile(r"\s*\[\[\s*benchmark\s*\]\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTable:
    """One ``[[benchmark]]`` on top of ``[defaults]``.

    Attributes:
        where: How messages name it within its file. Tables are counted from 1, as people count.
        line: Its line, from 1; None where it is unknown.
        values: What its keys say, always ``model`` among them. ``batch`` and ``providers`` are tuples,
            ``tolerance`` and ``placement`` are fractions, ``budget`` a Ceiling, ``time`` is in s, ``inputs``
            an InputsWritten; options are text, those of a provider below its short name.
    """

    where: str
    line: int | None
    values: Mapping[str, Any]


def read_tables(path: Path, libraries: Collection[str] = ()) -> tuple[SuiteTable, ...]:
    """Read every benchmark of a suite file.

    Args:
        path: The file.
        libraries: Names that the user gave to plugin libraries, which are providers too.

    Raises:
        SuiteError: The file cannot be read, names no benchmark, or has a wrong key or value.
    """
    text = _text(path)
    document = _parsed(path, text)
    lines = _lines(text, document)
    _validate(path, document, lines)
    if not document.get("benchmark"):
        raise SuiteError(f'{path} names no benchmark. Add a table [[benchmark]] with model = "MODEL.onnx".')
    defaults = _values(f"{path}: [defaults]", document.get("defaults", {}), libraries)
    tables = tuple(
        SuiteTable(
            where=(where := _where(["benchmark", number], lines)),
            line=lines.get(number),
            values=_merged(defaults, _values(f"{path}: {where}", table, libraries)),
        )
        for number, table in enumerate(document["benchmark"])
    )
    for table, written in zip(tables, document["benchmark"], strict=True):
        _refuse_without_training(path, table, written)
    return tables


def _refuse_without_training(path: Path, table: SuiteTable, written: Mapping[str, Any]) -> None:
    """Refuse what would be ignored: settings of training on a benchmark that does not train."""
    own = [key for key in _OF_TRAINING if key in written]
    if own and table.values.get("mode") != "training":
        raise SuiteError(
            f"{path}: {table.where}: {own[0]} is a key of training, and this benchmark infers. Add "
            'mode = "training", or take the key out.'
        )
    if table.values.get("shuffle") and not any(key in table.values for key in _ENDS):
        raise SuiteError(f"{path}: {table.where}: {SHUFFLE_WITHOUT_RUN}")


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


def _values(where: str, table: Mapping[str, Any], libraries: Collection[str]) -> dict[str, Any]:
    """Read the values of a valid table."""
    return {key: _value(where, key, written, libraries) for key, written in table.items()}


def _value(where: str, key: str, written: Any, libraries: Collection[str]) -> Any:
    try:
        if key in _PROVIDER_READERS:
            return _PROVIDER_READERS[key](written, libraries)
        return _READERS.get(key, _as_written)(written)
    except (ValueError, SettingsError) as error:
        raise SuiteError(f"{where}: {key}: {error}") from error


def _as_written(written: Any) -> Any:
    return written


def _whole_numbers(written: float | list[float]) -> tuple[int, ...]:
    return tuple(int(size) for size in (written if isinstance(written, list) else [written]))


def _merged(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Put the values of a benchmark on top of the defaults; tables of options are joined key by key."""
    merged = dict(defaults)
    for key, value in own.items():
        known = merged.get(key)
        merged[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def _options_by_provider(
    written: Mapping[str, Mapping[str, Any]], libraries: Collection[str]
) -> dict[str, dict[str, str]]:
    return {
        provider_named(name, libraries).short: _texts(options, ("false", "true"))
        for name, options in written.items()
    }


def _entries(written: Mapping[str, Any]) -> dict[str, str]:
    taken = sorted(_OWN_ENTRIES.intersection(written))
    if taken:
        raise ValueError(f"{taken[0]!r} is set by this tool: use the keys threads and spinning instead")
    return _texts(written, ("0", "1"))


def _texts(written: Mapping[str, Any], switch: tuple[str, str]) -> dict[str, str]:
    """Write options as ONNX Runtime takes them; ``switch`` is what it calls false and true there."""
    return {
        key: switch[value] if isinstance(value, bool) else str(value)
        for key, value in sorted(written.items())
    }


def _numbers(written: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in sorted(written.items())}


def _finite(written: float) -> float:
    if not math.isfinite(written):
        raise ValueError(f"{written} is no time budget: give a number of seconds, such as 6")
    return float(written)


# The schema counts 1.0 as a whole number, as JSON does.
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "batch": _whole_numbers,
    "threads": int,
    "accumulate": int,
    "steps": int,
    "epochs": int,
    "patience": int,
    "target": parse_target,
    "clip": float,
    "frozen": tuple,
    "hyperparameters": _numbers,
    "feeds": int,
    "inputs": read_inputs,
    "session": _entries,
    "placement": parse_least_share,
    "agreement": parse_agreement,
    "pace": parse_duration_s,
    "tolerance": parse_fraction,
    "budget": parse_ceiling,
    "time": _finite,
}

# What names providers: those of plugin libraries are known to the user alone.
_PROVIDER_READERS: Mapping[str, Callable[[Any, Collection[str]], Any]] = {
    "providers": short_names,
    "provider_options": _options_by_provider,
}
