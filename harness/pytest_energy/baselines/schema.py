"""The file format of baselines: to text and back, and what the figures of one file must agree on."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from importlib import resources
from typing import Any

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.baselines.json_text import has_conflict_markers, lay_out, parse
from pytest_energy.errors import SchemaError
from pytest_energy.results.codec import from_plain, to_plain
from pytest_energy.results.energy import Pins
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.statistics.trimmed import typical

SCHEMA_VERSION = 1
"""Version of the format that this program writes. It grows with every change of what a file may hold."""

RESTORE = "Restore it from git, or delete it and record a new one with --energy-update."
"""What helps with a file that cannot be used."""

_DIGITS = 6  # significant digits of what was measured; timing is not known to more than three or four
# Rounding to six digits moves a figure by 5e-6 of itself at most, and a trimmed mean of such figures alike.
# Three roundings play a part in each agreement, so honest figures differ by 1.5e-5 at most: twice that is
# allowed.
_AGREEMENT = 3e-5
_ORDER = ("benchmark", "energy_j", "provenance", "pins", "environment", "factors", "processes")
_LONGEST_DETAIL = 160


def gated_energy_j(processes: Sequence[ProcessEstimate], pins: Pins) -> float:
    """Return the gated figure in J per step: the typical times of a step at the pinned powers.

    Raises:
        ValueError: There are no processes, or a CPU time is not positive.
    """
    energy_j = typical([one.cpu_s for one in processes]) * pins.core_power_w
    if pins.device_power_w is None:
        return energy_j
    return energy_j + typical([one.duration_s for one in processes]) * pins.device_power_w


def to_text(baseline: Baseline) -> str:
    """Write a baseline as JSON in ASCII, its figures rounded; writing what was read changes no byte.

    Fields that the schema does not require are left out where they have their default: what a newer program
    records besides changes no file that has nothing of it.

    Raises:
        ValueError: A figure is NaN or infinite.
    """
    plain = to_plain(baseline)
    plain["energy_j"] = _rounded(baseline.energy_j)
    plain["processes"] = [
        {name: _rounded(figure) for name, figure in one.items()} for one in plain["processes"]
    ]
    plain["pins"]["core_power_w"] = _rounded(baseline.pins.core_power_w)
    if baseline.pins.device_power_w is not None:
        plain["pins"]["device_power_w"] = _rounded(baseline.pins.device_power_w)
    plain["factors"]["variables"] = dict(sorted(baseline.factors.variables.items()))
    for name in ("benchmark", "pins", "factors"):
        _leave_out_defaults(plain[name], getattr(baseline, name), name)
    return lay_out({"schema_version": SCHEMA_VERSION} | {key: plain[key] for key in _ORDER})


def from_text(text: str, shown: str) -> Baseline:
    """Read a baseline.

    Args:
        text: What the file holds.
        shown: Its path, for messages.

    Raises:
        SchemaError: It is no baseline, is newer than this program, or contradicts itself.
    """
    document = _parsed(text, shown)
    _check_version(document, shown)
    _check_schema(document, shown)
    try:
        baseline = from_plain({key: document[key] for key in _ORDER}, Baseline)
    except ValueError as error:
        raise SchemaError(f"{shown} is no baseline: {_short(str(error))}. {RESTORE}") from error
    contradiction = _contradiction(baseline)
    if contradiction:
        raise SchemaError(f"{shown} contradicts itself: {contradiction}. So it was edited by hand. {RESTORE}")
    return baseline


def _leave_out_defaults(plain: dict[str, Any], record: Any, name: str) -> None:
    required = _schema()["$defs"][name]["required"]
    for each in fields(record):
        default = each.default if each.default_factory is MISSING else each.default_factory()
        if each.name not in required and getattr(record, each.name) == default:
            del plain[each.name]


def _rounded(figure: float) -> float:
    return float(f"{figure:.{_DIGITS}g}")


def _parsed(text: str, shown: str) -> Mapping[str, Any]:
    try:
        document = parse(text)
    except ValueError as error:
        if has_conflict_markers(text):
            raise SchemaError(
                f"{shown} holds the conflict markers of a merge (<<<<<<<, =======, >>>>>>>). Take one side "
                "whole with git checkout --ours or --theirs, or delete the file and record a new one with "
                "--energy-update: halves of two baselines are none."
            ) from error
        why = str(error) if text.strip() else "it is empty"
        raise SchemaError(f"{shown} is no JSON that can be used: {why}. {RESTORE}") from error
    if not isinstance(document, dict):
        raise SchemaError(f"{shown} is no baseline: it holds no object at its top level. {RESTORE}")
    return document


def _check_version(document: Mapping[str, Any], shown: str) -> None:
    version = document.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise SchemaError(
            f"{shown} was written by a newer pytest-energy: it has schema_version {version}, and this one "
            f"reads {SCHEMA_VERSION}. Upgrade pytest-energy here."
        )


def _check_schema(document: Mapping[str, Any], shown: str) -> None:
    # Imported here: it takes tens of milliseconds, which only those have to spend who read a baseline.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    faults = sorted(
        Draft202012Validator(_schema()).iter_errors(document),
        key=lambda fault: [str(step) for step in fault.absolute_path],
    )
    if faults:
        where = ".".join(str(step) for step in faults[0].absolute_path) or "top level"
        raise SchemaError(f"{shown} is no baseline: {where}: {_short(faults[0].message)}. {RESTORE}")


@cache
def _schema() -> dict[str, Any]:
    file = resources.files("pytest_energy.baselines").joinpath("baseline.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _contradiction(baseline: Baseline) -> str | None:
    """Return the first figure that does not follow from the others; None where all agree."""
    for number, one in enumerate(baseline.processes, start=1):
        on_device = baseline.factors.signal == "device"
        cost = one.duration_s if on_device else one.cpu_s / one.reference_cpu_s
        times = "wall time gives" if on_device else "CPU times give"
        if _differ(one.cost, cost):
            return f"process {number} has the cost {one.cost:g}, but its {times} {cost:.{_DIGITS}g}"
    energy_j = gated_energy_j(baseline.processes, baseline.pins)
    if _differ(baseline.energy_j, energy_j):
        return f"energy_j is {baseline.energy_j:g}, but its processes and pins give {energy_j:.{_DIGITS}g}"
    return None


def _differ(one: float, other: float) -> bool:
    return not math.isclose(one, other, rel_tol=_AGREEMENT)


def _short(detail: str) -> str:
    return detail if len(detail) <= _LONGEST_DETAIL else f"{detail[:_LONGEST_DETAIL]}..."
