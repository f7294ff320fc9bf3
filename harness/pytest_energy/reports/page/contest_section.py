"""The section of one contest: a model in several ways, as a chart, as ranks in words, and as tables."""

from typing import Any

from pytest_energy.gate.contest import Contest
from pytest_energy.gate.standing import CONFIDENCE, Quantity, Standing, Way
from pytest_energy.quantities import format_quantity
from pytest_energy.reports import ways
from pytest_energy.reports.page.chart import Cell, Chart

_Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def section(contest: Contest) -> dict[str, Any]:
    """Return plain JSON values: ``name``, ``chart``, ``ranks``, who is best by what, and ``tables``."""
    return {
        "name": contest.name,
        "chart": chart(contest).to_plain(),
        "ranks": list(ways.leaders(contest)),
        "tables": [_differences(contest), _figures(contest)],
    }


def chart(contest: Contest) -> Chart:
    """Show energy per item of each way: over batches, or where there is one batch, way below way."""
    batches = {way.result.benchmark.batch for way in contest.ways}
    standings = contest.ranking(Quantity.ENERGY).standings
    texts = ways.rows(contest)
    rows = [_row(*each) for each in zip(contest.ways, texts, ways.lines(contest), standings, strict=True)]
    return Chart(
        kind="comparison" if len(batches) > 1 else "comparison-of-ways",
        title=f"{contest.name}: energy per item",
        alternative=(
            f"Energy per item of {contest.name} in {len(contest.ways)} ways. The least is "
            f"{format_quantity(standings[0].value, 'J')}, {texts[0][0]}; see below what can be told apart."
        ),
        columns={
            "label": "way",
            "benchmark": "benchmark",
            "way": "",
            "batch": "batch",
            "value": "energy per item (J)",
            "low": "from",
            "high": "to",
            "standing": "against the best",
            "energy": "",
            "latency": "",
            "carbon": "",
        },
        rows=sorted(rows, key=lambda row: int(row[3] or 0)) if len(batches) > 1 else rows,
    )


def _row(way: Way, texts: tuple[str, ...], line: str, standing: Standing) -> tuple[Cell, ...]:
    half = (standing.half or 0.0) * standing.value
    shown = dict(zip(ways.HEADS, texts, strict=True))
    return (
        shown["way"],
        way.result.benchmark.id,
        line,
        way.result.benchmark.batch,
        standing.value,
        max(0.0, standing.value - half),
        standing.value + half,
        ways.against_best(standing),
        *(shown[head].removesuffix("*") for head in ("energy", "latency", "gCO2e/1k")),
    )


def _figures(contest: Contest) -> _Table:
    """Return the figures of each way; a column of which nothing is known is left out."""
    rows = ways.rows(contest)
    kept = [number for number in range(len(ways.HEADS)) if any(row[number] for row in rows)]
    heads = tuple(ways.HEADS[number] for number in kept)
    caption = f"Figures of each way: {ways.LEGEND}"
    return caption, heads, [tuple(row[number] for number in kept) for row in rows]


def _differences(contest: Contest) -> _Table:
    heads = ways.differences_heads(contest)
    caption = (
        f"How far each way is from the best; intervals hold at {CONFIDENCE * 100:g} % for all ways at once"
    )
    return caption, ("way", *heads[1:]), ways.differences_rows(contest)
