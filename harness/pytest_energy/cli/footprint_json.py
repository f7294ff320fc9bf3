"""What ``pytest-energy footprint --json`` prints: every row with its terms, bands and sources."""

import json
from collections.abc import Sequence
from typing import Any

from pytest_energy.footprint.equivalents import equivalents
from pytest_energy.footprint.what_if import Demand, Footprint
from pytest_energy.results.codec import to_plain
from pytest_energy.results.result import Result


def json_text(answers: Sequence[tuple[Result, Sequence[Footprint]]], demand: Demand) -> str:
    """Render rows as JSON; units stand in the names, null is unknown or left out."""
    document = {
        "demand": {**to_plain(demand), "requests": demand.requests},
        "benchmarks": [
            {"id": result.benchmark.id, "rows": [_row(row, demand) for row in rows]}
            for result, rows in answers
        ],
    }
    return json.dumps(document, indent=1, allow_nan=False)


def _row(row: Footprint, demand: Demand) -> dict[str, Any]:
    low, high = row.band_g(demand)
    return {
        **to_plain(row),
        "total_g": row.total_g,
        "total_low_g": low,
        "total_high_g": high,
        "equivalents": to_plain(equivalents(row.compute_kwh, row.total_g / 1000)),
    }
