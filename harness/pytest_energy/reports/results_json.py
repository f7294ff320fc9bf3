"""The report as JSON, and back: all that was measured, raw samples included; see results.schema.json."""

import json
from dataclasses import fields
from typing import Any

from pytest_energy.errors import UsageError
from pytest_energy.gate.verdict import Unchanged, Verdict
from pytest_energy.reports.report import Electricity, NoVerdict, Orphan, Report, Update
from pytest_energy.results.codec import Record, from_json, from_plain, to_plain

SCHEMA_VERSION = 1

# What a verdict's fields are called in the file, where it is not their own name.
_NAMES = {"kind": "verdict", "factors": "factors_changed"}
_LONGEST_DETAIL = 160


def render(report: Report) -> str:
    """Render a report as JSON, in pure ASCII so that every tool reads it alike.

    Raises:
        ValueError: A figure is NaN or infinite, which JSON cannot say.
    """
    return json.dumps(_document(report), indent=1, allow_nan=False) + "\n"


def parse(text: str, shown: str) -> Report:
    """Read a report back. What a newer version added is left out; what is absent has its default.

    Args:
        text: What the file holds.
        shown: Its path, for messages.

    Raises:
        UsageError: It holds no results that this version reads.
    """
    try:
        document = from_json(text)
        _check_version(document, shown)
        return _report(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        detail = f"it lacks {error}" if isinstance(error, KeyError) else str(error)[:_LONGEST_DETAIL]
        raise UsageError(
            f"{shown} holds no results of pytest-energy: {detail}. Name a file that --energy-json wrote."
        ) from error


def _check_version(document: Any, shown: str) -> None:
    if not isinstance(document, dict):
        raise TypeError("it holds no object at its top level")
    if document.get("kind") == "comparison":
        raise UsageError(
            f"{shown} was written by a comparison. Name the files of --energy-json that it was made of."
        )
    version = document["schema_version"]
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise UsageError(
            f"{shown} was written by a newer pytest-energy: it has schema_version {version}, and this one "
            f"reads {SCHEMA_VERSION}. Upgrade pytest-energy here."
        )


def _document(report: Report) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pytest-energy", "version": report.version},
        "time": report.time,
        "commit": report.commit,
        "environment": report.environment,
        "profile": report.profile,
        "carbon": report.carbon,
        "benchmarks": [_benchmark(verdict) for verdict in report.verdicts],
        "unchanged": [{"id": one.benchmark.id, **to_plain(one)} for one in report.unchanged],
        "without_verdict": to_plain(report.without),
        "orphans": to_plain(report.orphans),
        "updates": to_plain(report.updates),
        "notes": list(report.notes),
        "here": _here(report),
    }


def _here(report: Report) -> dict[str, Any] | None:
    """What steps emit where or when the run took place; nothing is judged by it."""
    if report.here is None:
        return None
    grams = {
        verdict.result.benchmark.id: verdict.result.energy.energy_j * report.here.g_per_j
        for verdict in report.verdicts
    }
    return {**to_plain(report.here), "operational_g": grams}


def _benchmark(verdict: Verdict) -> dict[str, Any]:
    named = {_NAMES.get(name, name): value for name, value in to_plain(verdict).items()}
    return {"id": verdict.result.benchmark.id, **named}


def _report(document: dict[str, Any]) -> Report:
    return Report(
        version=from_plain(document["tool"]["version"], str),
        environment=from_plain(document["environment"], str),
        profile=from_plain(document["profile"], str),
        carbon=from_plain(document["carbon"], str),
        verdicts=tuple(_verdict(each) for each in document["benchmarks"]),
        unchanged=from_plain(document["unchanged"], tuple[Unchanged, ...]),
        without=from_plain(document["without_verdict"], tuple[NoVerdict, ...]),
        orphans=from_plain(document["orphans"], tuple[Orphan, ...]),
        updates=from_plain(document["updates"], tuple[Update, ...]),
        notes=from_plain(document["notes"], tuple[str, ...]),
        here=_known(document.get("here"), Electricity),
        time=_known(document.get("time"), str),
        commit=_known(document.get("commit"), str),
    )


def _known(plain: Any, kind: type[Record]) -> Record | None:
    return None if plain is None else from_plain(plain, kind)


def _verdict(plain: dict[str, Any]) -> Verdict:
    names = {each.name: _NAMES.get(each.name, each.name) for each in fields(Verdict)}
    return from_plain({own: plain[name] for own, name in names.items() if name in plain}, Verdict)
