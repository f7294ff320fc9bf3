"""A survey as JSON: every way with its raw result, its standings, and what differs between the sources."""

import json
from typing import Any

from pytest_energy.gate.contest import Contest
from pytest_energy.gate.standing import CONFIDENCE
from pytest_energy.reports.survey import Survey
from pytest_energy.reports.ways import labels, remarks
from pytest_energy.results.codec import to_plain

SCHEMA_VERSION = 1

_UNITS = {
    "latency": "s per step",
    "throughput": "items per s",
    "energy": "J per item",
    "carbon": "gCO2e per item",
    "energy-delay product": "J*s per item",
}


def render(survey: Survey) -> str:
    """Render a survey as JSON, in pure ASCII so that every tool reads it alike.

    Raises:
        ValueError: A figure is NaN or infinite, which JSON cannot say.
    """
    document = {
        "schema_version": SCHEMA_VERSION,
        "kind": "comparison",
        "tool": {"name": "pytest-energy", "version": survey.version},
        "confidence": CONFIDENCE,
        "units": _UNITS,
        "sources": dict(survey.sources),
        "differences": to_plain(survey.differences),
        "models": [_contest(each) for each in survey.contests],
        "alone": list(survey.alone),
        "left_out": to_plain(survey.left_out),
        "notes": list(survey.notes),
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def _contest(contest: Contest) -> dict[str, Any]:
    return {
        "name": contest.name,
        "ways": [
            {
                "label": label,
                "source": way.source,
                "in_turns": way.rounds is not None,
                "standings": {
                    str(ranked.quantity): to_plain(ranked.standings[number]) for ranked in contest.rankings
                },
                "result": to_plain(way.result),
            }
            for number, (label, way) in enumerate(zip(labels(contest), contest.ways, strict=True))
        ],
        "remarks": list(remarks(contest)),
    }
