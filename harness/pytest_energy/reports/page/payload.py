"""The payload: what the script of the page shows on demand, as JSON that is compressed into the page."""

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from pytest_energy.baselines.series import Series
from pytest_energy.gate.contest import Contest
from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports import failure
from pytest_energy.reports.evidence import measured
from pytest_energy.reports.page import tables
from pytest_energy.reports.page.benchmark_charts import charts
from pytest_energy.reports.page.contest_section import section
from pytest_energy.reports.page.overview_chart import overview
from pytest_energy.reports.report import Report


def payload(
    report: Report, history: Sequence[Series], compared: Sequence[Contest], common: Mapping[str, str]
) -> str:
    """Return the payload as base64 of gzipped JSON; the same report gives the same text.

    Args:
        report: The run.
        history: Earlier runs of any benchmark in any environment.
        compared: The models that ran in several ways.
        common: Factors that all benchmarks share.
    """
    chart = overview(report)
    past = _by_benchmark(history)
    document = {
        "specs": _specs(),
        "overview": None if chart is None else chart.to_plain(),
        "comparisons": [section(each) for each in compared],
        "benchmarks": {
            each.result.benchmark.id: _benchmark(each, report, past, common) for each in report.verdicts
        },
    }
    text = json.dumps(document, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return base64.b64encode(gzip.compress(text.encode("utf-8", "backslashreplace"), 6, mtime=0)).decode(
        "ascii"
    )


def _by_benchmark(history: Sequence[Series]) -> Mapping[tuple[str, str], list[Series]]:
    found: dict[tuple[str, str], list[Series]] = defaultdict(list)
    for series in history:
        found[series.environment, series.benchmark].append(series)
    return found


def _benchmark(
    verdict: Verdict,
    report: Report,
    past: Mapping[tuple[str, str], list[Series]],
    common: Mapping[str, str],
) -> dict[str, Any]:
    result = verdict.result
    own = past.get((result.environment.id, result.benchmark.id), [])
    return {
        "verdict": str(verdict.kind),
        "fails": verdict.fails,
        "said": failure.by_how_much(verdict),
        "facts": [[label, list(texts)] for label, texts in failure.facts(verdict, None)],
        "charts": [each.to_plain() for each in charts(verdict, own)],
        "tables": [
            ["Software Carbon Intensity of one step", tables.sci(result, report.here)],
            ["Factors of this benchmark", tables.factors(result.factors, common)],
        ],
        "evidence": list(measured(verdict)),
        "notes": list(result.notes),
    }


def _specs() -> dict[str, Any]:
    folder = files("pytest_energy.reports.page") / "specs"
    return {
        each.name.removesuffix(".json"): json.loads(each.read_text(encoding="utf-8"))
        for each in sorted(folder.iterdir(), key=lambda one: one.name)
        if each.name.endswith(".json")
    }
