"""A row: one benchmark in a table, its figures as text."""

from dataclasses import dataclass

from pytest_energy.gate.verdict import Kind, Unchanged, Verdict
from pytest_energy.quantities import format_change
from pytest_energy.reports import figures
from pytest_energy.reports.report import Report
from pytest_energy.results.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One benchmark.

    Attributes:
        id: The benchmark.
        latency: Wall time per step.
        energy: Energy per step with its random band.
        carbon: Emissions of a thousand steps.
        change: The change and its interval, or why there is none.
        kind: The verdict.
        fails: Whether it fails the build.
    """

    id: str
    latency: str
    energy: str
    carbon: str
    change: tuple[str, ...]
    kind: Kind
    fails: bool = False


def rows(report: Report) -> list[Row]:
    """Return a row per benchmark that has a verdict, those that were run first."""
    return [*(_measured(each) for each in report.verdicts), *(_unchanged(each) for each in report.unchanged)]


def _measured(verdict: Verdict) -> Row:
    result = verdict.result
    return Row(
        id=_named(result),
        latency=figures.latency(result),
        energy=figures.energy(result),
        carbon=figures.carbon(result),
        change=_change(verdict),
        kind=verdict.kind,
        fails=verdict.fails,
    )


def _named(result: Result) -> str:
    """Name a benchmark; a program that stands in for a device must not pass for one."""
    return f"{result.benchmark.id}{' (software device)' if result.factors.software_device else ''}"


def _change(verdict: Verdict) -> tuple[str, ...]:
    if verdict.baseline is None:
        return ("no baseline",)
    if verdict.change is None:
        return ("unknown",)
    return format_change(verdict.change.point), figures.interval(verdict.change)


def _unchanged(one: Unchanged) -> Row:
    last = figures.remembered(one)
    return Row(
        id=one.benchmark.id,
        latency=last.latency,
        energy=last.energy,
        carbon=last.carbon,
        change=("not run",),
        kind=Kind.UNCHANGED,
    )
