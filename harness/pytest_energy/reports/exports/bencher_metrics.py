"""Bencher Metric Format, for ``bencher run --adapter json``.

Source: https://bencher.dev/docs/reference/bencher-metric-format
"""

import json
from collections.abc import Iterator

from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports.report import Report
from pytest_energy.statistics.trimmed import spread, typical

_CONFIDENCE = 0.98
_NS = 1e9

Metric = dict[str, float]


def render(report: Report) -> str:
    """Render a report as BMF: per benchmark the measures ``energy-joules``, ``co2e-grams`` and ``latency``.

    All are of one step and smaller is better. ``latency`` is Bencher's own measure, in nanoseconds. Ends of
    intervals are left out where they are unknown.
    """
    document = {verdict.result.benchmark.id: dict(_measures(verdict)) for verdict in report.verdicts}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _measures(verdict: Verdict) -> Iterator[tuple[str, Metric]]:
    result = verdict.result
    energy = result.energy
    share = None if energy.random_j is None else energy.random_j / energy.energy_j
    durations = [one.duration_s * _NS for one in result.processes]
    yield "energy-joules", _metric(energy.energy_j, share)
    yield "co2e-grams", _metric(result.score.operational_g, share)
    yield "latency", _metric(typical(durations), spread(durations, _CONFIDENCE))


def _metric(value: float, share: float | None) -> Metric:
    if share is None:
        return {"value": value}
    return {"value": value, "lower_value": max(0.0, value * (1 - share)), "upper_value": value * (1 + share)}
