"""The chart of a whole run: every change at a glance."""

from pytest_energy.gate.verdict import Verdict
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
