"""Custom JSON of github-action-benchmark, for its tool ``customSmallerIsBetter``."""

import json
from collections.abc import Iterator

from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports import figures
from pytest_energy.reports.report import Report
from pytest_energy.statistics.trimmed import typical

_MICRO = 1e6


def render(report: Report) -> str:
    """Render a report as a list of ``name``, ``unit``, ``value`` and, where it is known, ``range``.

    Each benchmark has three: energy in uJ, emissions in ug CO2e and latency in us, all of one step.
    """
    document = [point for verdict in report.verdicts for point in _points(verdict)]
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _points(verdict: Verdict) -> Iterator[dict[str, str | float]]:
    result = verdict.result
    name, energy = result.benchmark.id, result.energy
    known = {} if energy.random_j is None else {"range": f"± {energy.random_j * _MICRO:.3g}"}
    extra = f"{verdict.kind}; {energy.method}, {figures.pins(result.pins)}"
    yield {
        "name": f"{name} energy",
        "unit": "uJ/step",
        "value": energy.energy_j * _MICRO,
        **known,
        "extra": extra,
    }
    yield {"name": f"{name} emissions", "unit": "ug CO2e/step", "value": result.score.operational_g * _MICRO}
    duration_s = typical([one.duration_s for one in result.processes])
    yield {"name": f"{name} latency", "unit": "us/step", "value": duration_s * _MICRO}
