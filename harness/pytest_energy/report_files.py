"""The files that a run was asked to write: results as JSON, the report as Markdown, and the history."""

from collections.abc import Callable, Iterator
from pathlib import Path

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.baselines.history import History, HistoryEntry, flat
from pytest_energy.baselines.provenance import current_provenance
from pytest_energy.errors import HarnessError
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import now
from pytest_energy.reports import markdown, results_json
from pytest_energy.reports.report import Report
from pytest_energy.settings import Settings
from pytest_energy.statistics.trimmed import typical


def write_report_files(report: Report, settings: Settings) -> tuple[str, ...]:
    """Write what was asked for, and return why what could not be written was not: the rest still is."""
    writers = (
        (settings.json, lambda path: write_atomically(path, results_json.render(report))),
        (settings.markdown, lambda path: write_atomically(path, markdown.render(report))),
        (settings.history, lambda path: History(path).append(list(_entries(report, settings)))),
    )
    return tuple(fault for path, write in writers if path is not None and (fault := _fault_of(write, path)))


def _fault_of(write: Callable[[Path], object], path: Path) -> str:
    """Write a file; return why that failed, or nothing."""
    try:
        write(path)
    except HarnessError as error:
        return str(error)
    return ""


def _entries(report: Report, settings: Settings) -> Iterator[HistoryEntry]:
    """Yield an entry per benchmark that was measured and judged, all of one time and commit."""
    time = now()
    commit = current_provenance(settings.baselines, None, time).commit
    for verdict in report.verdicts:
        if verdict.kind is not Kind.UNCHANGED:
            yield _entry(verdict, time, commit)


def _entry(verdict: Verdict, time: str, commit: str | None) -> HistoryEntry:
    result, change = verdict.result, verdict.change
    return HistoryEntry(
        time=time,
        commit=commit,
        environment=result.environment.id,
        benchmark=result.benchmark.id,
        verdict=str(verdict.kind),
        cost=typical([one.cost for one in result.processes]),
        cpu_s=typical([one.cpu_s for one in result.processes]),
        duration_s=typical([one.duration_s for one in result.processes]),
        energy_j=result.energy.energy_j,
        random_j=result.energy.random_j,
        carbon_g=result.score.operational_g,
        profile=result.energy.profile,
        intensity_g_per_kwh=result.score.intensity.g_per_kwh,
        change=None if change is None else change.point,
        change_low=None if change is None else change.low,
        change_high=None if change is None else change.high,
        tolerance=verdict.tolerance,
        processes=len(result.processes),
        factors=flat(result.factors),
    )
