"""The charts of a whole run: every change at a glance, and one model on several providers and batches."""

from collections import defaultdict
from collections.abc import Sequence

from pytest_energy.gate.verdict import Verdict
from pytest_energy.quantities import format_quantity
from pytest_energy.reports import figures, summary
from pytest_energy.reports.page.chart import Cell, Chart
from pytest_energy.reports.report import Report

_NAMED = 40
"""So many benchmarks have a line of their own with a name; more are drawn side by side."""


def overview(report: Report) -> Chart | None:
    """Show every change with its interval, the worst first; None where nothing was compared."""
    compared = [each for each in report.verdicts if each.change is not None]
    ordered = sorted(compared, key=_badness, reverse=True)
    if not ordered:
        return None
    return Chart(
        kind="changes" if len(ordered) <= _NAMED else "many-changes",
        title="Change of energy per step against the baseline",
        alternative=f"{summary.counted(report)}. The table below has every figure.",
        columns={
            "rank": "",
            "benchmark": "benchmark",
            "point": "change (fraction)",
            "low": "from",
            "high": "to",
            "tolerance": "tolerance",
            "verdict": "verdict",
            "said": "",
        },
        rows=[_change_row(rank, each) for rank, each in enumerate(ordered, start=1)],
    )


def _badness(verdict: Verdict) -> tuple[bool, float]:
    return verdict.fails, verdict.change.point if verdict.change else 0.0


def _change_row(rank: int, verdict: Verdict) -> tuple[Cell, ...]:
    change = verdict.change
    if change is None:
        raise ValueError("only what was compared has a row")
    low, high = (change.point if end is None else end for end in (change.low, change.high))
    said = figures.change(change)
    name = verdict.result.benchmark.id
    return rank, name, change.point, low, high, verdict.tolerance, str(verdict.kind), said


def comparisons(report: Report) -> list[Chart]:
    """Show each model that ran in several ways: energy per item by batch, provider and threads."""
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for verdict in report.verdicts:
        benchmark = verdict.result.benchmark
        if benchmark.model is not None:
            groups[benchmark.model, benchmark.mode].append(verdict)
    several = {key: group for key, group in groups.items() if len(group) > 1}
    return [_comparison(*key, group) for key, group in several.items()]


def _comparison(model: str, mode: str, group: Sequence[Verdict]) -> Chart:
    best = min(group, key=_per_item)
    title = model if mode == "inference" else f"{model}, {mode}"
    return Chart(
        kind="comparison",
        title=title,
        alternative=(
            f"{title} in {len(group)} ways. The least energy per item is "
            f"{format_quantity(_per_item(best), 'J')}, by {best.result.benchmark.id}."
        ),
        columns={
            "benchmark": "benchmark",
            "way": "provider and threads",
            "batch": "batch",
            "value": "energy per item (J)",
            "low": "",
            "high": "",
            "latency": "latency per step (s)",
            "carbon": "gCO2e per 1,000 items",
        },
        rows=[_comparison_row(each) for each in sorted(group, key=lambda each: each.result.benchmark.batch)],
    )


def _per_item(verdict: Verdict) -> float:
    return verdict.result.energy.energy_j / verdict.result.benchmark.batch


def _comparison_row(verdict: Verdict) -> tuple[Cell, ...]:
    result = verdict.result
    benchmark = result.benchmark
    half = (result.energy.random_j or 0.0) / benchmark.batch
    threads = f", {summary.plural(benchmark.threads, 'thread')}" if benchmark.threads > 1 else ""
    spinning = " spinning" if benchmark.spinning else ""
    value = _per_item(verdict)
    return (
        benchmark.id,
        f"{benchmark.provider}{threads}{spinning}",
        benchmark.batch,
        value,
        value - half,
        value + half,
        figures.latency_s(result),
        result.score.operational_g / benchmark.batch * figures.STEPS,
    )
