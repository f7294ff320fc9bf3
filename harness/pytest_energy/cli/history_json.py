"""``pytest-energy history --json``: the series with their drift and change points, for other programs."""

import json
from collections.abc import Sequence
from typing import Any

from pytest_energy.baselines.series import Series
from pytest_energy.results.codec import to_plain
from pytest_energy.statistics.change_points import CONFIDENCE

SCHEMA_VERSION = 1


def render(series: Sequence[Series], *, runs: bool) -> str:
    """Render series as JSON, in pure ASCII.

    Args:
        series: What there is.
        runs: Whether every run is told, too.
    """
    return json.dumps(
        {"schema_version": SCHEMA_VERSION, "series": [_series(one, runs=runs) for one in series]},
        indent=1,
        allow_nan=False,
    )


def _series(series: Series, *, runs: bool) -> dict[str, Any]:
    last = series.entries[-1]
    plain = {
        "benchmark": series.benchmark,
        "environment": series.environment,
        "reference": series.reference,
        "runs": len(series.entries),
        "first": series.entries[0].time,
        "last": last.time,
        "energy_j": last.energy_j,
        "drift": None if series.drift is None else to_plain(series.drift) | {"confidence": CONFIDENCE},
        "change_points": [
            {
                "time": series.entries[change.index].time,
                "commit": series.entries[change.index].commit,
                "change": change.change,
                "factors_changed": to_plain(series.factors_at(change)),
            }
            for change in series.changes
        ],
    }
    return plain | {"entries": to_plain(series.entries)} if runs else plain
