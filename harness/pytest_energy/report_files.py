"""The files that a run was asked to write: results, reports, exports for other tools, and the history."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.baselines.history import History, HistoryEntry, flat
from pytest_energy.baselines.provenance import current_provenance
from pytest_energy.baselines.series import Series, series_of
from pytest_energy.errors import HarnessError
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import now
from pytest_energy.reports import html_page, markdown, results_json
from pytest_energy.reports.exports.formats import require_packages, write_export
from pytest_energy.reports.report import Report
from pytest_energy.settings import Settings
from pytest_energy.statistics.trimmed import typical

Write = Callable[[Path], object]


def require_writers(settings: Settings) -> None:
    """See that what is asked for can be written, before minutes are spent on measuring.

    Raises:
        SettingsError: A package is missing; the message says which extra brings it.
    """
    if settings.html is not None:
        html_page.require_packages()
    require_packages(name for name, _ in settings.exports)


def write_report_files(report: Report, settings: Settings) -> tuple[str, ...]:
    """Write what was asked for, and return why what could not be written was not: the rest still is."""
    if not (settings.history or any(path for path, _ in _writers(report, settings))):
        return ()
    dated = _dated(report, settings)
    faults: tuple[str, ...] = ()
    if settings.history is not None:
        faults += _faults([(settings.history, lambda path: History(path).append(list(_entries(dated))))])
    return faults + _faults(_writers(dated, settings))


def write_files(report: Report, settings: Settings) -> tuple[str, ...]:
    """Write everything but the history, to which a report that is read back has already been added."""
    return _faults(_writers(report, settings))


def _faults(writers: list[tuple[Path | None, Write]]) -> tuple[str, ...]:
    return tuple(fault for path, write in writers if path is not None and (fault := _fault_of(write, path)))


def _writers(report: Report, settings: Settings) -> list[tuple[Path | None, Write]]:
    return [
        (settings.json, lambda path: write_atomically(path, results_json.render(report))),
        (settings.markdown, lambda path: write_atomically(path, markdown.render(report))),
        (settings.html, lambda path: write_atomically(path, html_page.render(report, _series(settings)))),
        *((path, partial(write_export, name, report)) for name, path in settings.exports),
    ]


def _series(settings: Settings) -> list[Series]:
    return series_of(History(settings.history).read()) if settings.history else []


def _fault_of(write: Write, path: Path) -> str:
    """Write a file; return why that failed, or nothing."""
    try:
        write(path)
    except HarnessError as error:
        return str(error)
    return ""


def _dated(report: Report, settings: Settings) -> Report:
    time = now()
    return replace(report, time=time, commit=current_provenance(settings.baselines, None, time).commit)


def _entries(report: Report) -> Iterator[HistoryEntry]:
    """Yield an entry per benchmark that was measured and judged, all of one time and commit."""
    for verdict in report.verdicts:
        if verdict.kind is not Kind.UNCHANGED:
            yield _entry(verdict, report.time or "", report.commit)


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
