"""The report as JSON: everything that was measured, raw samples included; see results.schema.json."""

import json
from typing import Any

from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports.report import Report
from pytest_energy.results.codec import to_plain

SCHEMA_VERSION = 1


def render(report: Report) -> str:
    """Render a report as JSON, in pure ASCII so that every tool reads it alike.

    Raises:
        ValueError: A figure is NaN or infinite, which JSON cannot say.
    """
    return json.dumps(_document(report), indent=1, allow_nan=False) + "\n"


def _document(report: Report) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "pytest-energy", "version": report.version},
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
    return {
        "id": verdict.result.benchmark.id,
        "verdict": str(verdict.kind),
        "fails": verdict.fails,
        "over_budget": verdict.over_budget,
        "other_environment": verdict.other_environment,
        "paired": verdict.paired,
        "compared_with": verdict.compared_with,
        "change": to_plain(verdict.change),
        "latency": to_plain(verdict.latency),
        "tolerance": verdict.tolerance,
        "reasons": list(verdict.reasons),
        "operators": list(verdict.operators),
        "factors_changed": to_plain(verdict.factors),
        "result": to_plain(verdict.result),
        "baseline": to_plain(verdict.baseline),
    }
