"""A file of power profiles: TOML that was checked against the profile's JSON Schema and against physics."""

import difflib
import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from pytest_energy.errors import ProfileError


def read_tables(text: str) -> Mapping[str, Any]:
    """Read a file that is known to be valid, as those are that ship: tests have checked them."""
    return tomllib.loads(text)


def parse_profiles(text: str, where: str) -> Mapping[str, Any]:
    """Read and check the tables of a profile, or of a collection: [sources] and many [[profile]].

    Args:
        text: The TOML.
        where: How messages name the file.

    Raises:
        ProfileError: It is no TOML, a key is unknown or missing, or a figure cannot be true.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(
            f"{where} is not TOML: {error}. Mend it there; text needs quotes around it."
        ) from error
    if "profile" not in document:
        _check(document, where)
        return document
    fault = next(_of_collection(document), None)
    if fault:
        raise ProfileError(f"{where}: {fault}")
    for number, tables in enumerate(document["profile"], 1):
        _check(tables, f"{where}, {tables.get('id', f'[[profile]] number {number}')}")
    return document


def _check(tables: Mapping[str, Any], where: str) -> None:
    fault = next(_structural(tables), None) or next(_physical(tables), None)
    if fault:
        raise ProfileError(f"{where}: {fault}")


def _of_collection(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a collection, apart from its profiles."""
    unknown = [key for key in document if key not in {"sources", "profile"}]
    if unknown:
        yield f"the key {unknown[0]!r} is unknown beside [[profile]]. Known there: sources."
    profiles, sources = document["profile"], document.get("sources", {})
    if not (isinstance(profiles, list) and profiles and all(isinstance(one, dict) for one in profiles)):
        yield "profile must be one table or more, each headed [[profile]]."
    if not (
        isinstance(sources, dict) and all(isinstance(one, str) and one.strip() for one in sources.values())
    ):
        yield "sources must be a table [sources] in which each key has the name of a source."


@cache
def _validator() -> Draft202012Validator:
    schema = resources.files("pytest_energy.power").joinpath("profile.schema.json")
    return Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))


def _structural(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the schema refuses. Of several faults a wrong value is named first."""
    order = {"additionalProperties": 2, "required": 1}
    faults = _validator().iter_errors(document)
    for fault in sorted(faults, key=lambda one: (order.get(str(one.validator), 0), list(map(str, one.path)))):
        yield _explain(fault)


def _explain(fault: ValidationError) -> str:
    schema: Any = fault.schema
    table: Any = fault.instance
    steps = [str(step) for step in fault.absolute_path]
    key = ".".join(step for step in steps if not step.isdigit())
    match fault.validator:
        case "additionalProperties":
            return _unknown_key(fault, key)
        case "required":
            missing = next(name for name in schema["required"] if name not in table)
            return f"{_dotted(key, missing)} is missing. Add {_meaning(schema['properties'][missing])}."
        case _:
            shown = json.dumps(fault.instance, ensure_ascii=False, default=str)
            return f"{key} is {shown}, but it must be {_meaning(_described(fault))}."


def _described(fault: ValidationError) -> Mapping[str, Any]:
    """Return the schema of the key itself where the faulty part has no words of its own."""
    schema: Any = fault.schema
    if "description" in schema:
        return dict(schema)
    found: Any = _validator().schema
    for step in fault.absolute_path:
        found = found["properties"][step] if isinstance(step, str) else found["items"]
    return dict(found)


def _meaning(schema: Mapping[str, Any]) -> str:
    definition = str(schema.get("$ref", "")).rpartition("/")[2]
    defined: Any = _validator().schema
    return str(schema.get("description") or defined["$defs"][definition]["description"])


def _unknown_key(fault: ValidationError, key: str) -> str:
    schema: Any = fault.schema
    table: Any = fault.instance
    known = list(schema["properties"])
    unknown = next(name for name in table if name not in known)
    near = difflib.get_close_matches(unknown, known, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"the key {_dotted(key, unknown)!r} is unknown. {hint}Known here: {', '.join(known)}."


def _dotted(table: str, key: str) -> str:
    return f"{table}.{key}" if table else key


def _physical(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is well-formed and yet cannot be true."""
    if not all(map(math.isfinite, _numbers(document))):
        yield "a figure is nan or infinite. Give a number."
    yield from _faults_of_kind(document)
    for table in ("power", "accelerator"):
        low, high = document.get(table, {}).get("band", (1, 1))
        if not low <= 1 <= high:
            yield f"{table}.band is [{low}, {high}], but its ends are factors and must enclose 1."
    if "power" in document:
        yield from _faults_of_curve(document["power"]["curve"])
    if "memory" in document:
        low, high = document["memory"]["band"]
        if not low <= document["memory"]["w_per_gib"] <= high:
            yield f"memory.band is [{low}, {high}], but it must enclose w_per_gib."
    cpu = document.get("cpu", {"units": 1})
    if cpu.get("vcpus", 1) > cpu["units"]:
        yield f"cpu.vcpus is {cpu['vcpus']}, but the curve is for {cpu['units']} units: a share is less."
    if "accelerator" in document:
        yield from _faults_of_accelerator(document["accelerator"])


def _faults_of_kind(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield where it is neither the profile of a processor nor of an accelerator."""
    if "accelerator" in document:
        for table in ("cpu", "power", "tdp", "memory", "memory_gib"):
            if table in document:
                yield f"{table} does not go with accelerator: give a profile of its own to each device."
        return
    if "cpu" not in document:
        yield f"cpu is missing. Add {_meaning(_properties()['cpu'])}; or [accelerator], for an accelerator."
    if ("power" in document) == ("tdp" in document):
        yield (
            "power is missing. Add [power] with its curve, or [tdp] where only the rated power is known."
            if "power" not in document
            else "power and tdp are both given. Keep [power], which is measured, or [tdp]."
        )


def _faults_of_accelerator(figures: Mapping[str, Any]) -> Iterator[str]:
    high_w = figures.get("saturated_w", figures["rated_w"])
    if figures["idle_w"] > high_w:
        yield (
            f"accelerator.idle_w is {figures['idle_w']:g}, more than the {high_w:g} W of full load. "
            "Correct one of them."
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _properties() -> Mapping[str, Any]:
    found: Any = _validator().schema
    return dict(found["properties"])


def _faults_of_curve(curve: list[list[float]]) -> Iterator[str]:
    loads, watts = zip(*curve, strict=True)
    if loads[0] != 0 or loads[-1] != 1:
        yield "power.curve must begin at load 0 and end at load 1."
    if any(after <= before for before, after in pairwise(loads)):
        yield "power.curve must list its points in order of load, each load once."
    for before, after in pairwise(curve):
        if after[1] < before[1]:
            yield (
                f"power.curve falls from {before[1]:g} W at load {before[0]:g} to {after[1]:g} W at load "
                f"{after[0]:g}, but more load never draws less. Correct the points."
            )
    if watts[-1] <= 0:
        yield "power.curve says that full load draws 0 W. Give the watts that it draws."


def _numbers(value: Any) -> Iterator[float]:
    match value:
        case dict():
            for inner in value.values():
                yield from _numbers(inner)
        case list():
            for inner in value:
                yield from _numbers(inner)
        case int() | float():
            yield value
