"""The files that a run was asked to write: results, reports, exports for other tools, and the history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pytest_energy.baselines.atomic_file import require_place, write_atomically
from pytest_energy.baselines.history import History, HistoryEntry, flat
from pytest_energy.baselines.provenance import current_provenance
from pytest_energy.baselines.series import Series, series_of
from pytest_energy.errors import HarnessError, SettingsError
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import now
from pytest_energy.reports import html_page, markdown, results_json
from pytest_energy.reports.exports.formats import require_packages, write_export
from pytest_energy.reports.report import Report
from pytest_energy.settings import Settings
from pytest_energy.statistics.trimmed import typical

Write = Callable[[Path], object]
_Writers = list[tuple[Path | None, Write]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the files that were asked for.

    Attributes:
        paths: Those that were written, the folders that they needed included.
        faults: Why each of the others was not.
    """

    paths: tuple[Path, ...] = ()
    faults: tuple[str, ...] = ()


def require_writers(settings: Settings) -> None:
    """See that what is asked for can be written, before minutes are spent on measuring.

    Raises:
        SettingsError: A package is missing, and which extra brings it; or a file cannot be made, and why.
    """
    if settings.html is not None:
        html_page.require_packages()
    require_packages(name for name, _ in settings.exports)
    paths = (settings.json, settings.markdown, settings.html, settings.history, settings.live_cache)
    for path in (*paths, *(path for _, path in settings.exports)):
        if path is not None:
            require_place(path, SettingsError)


def write_report_files(report: Report, settings: Settings) -> Written:
    """Write what was asked for; what cannot be written does not keep the rest from being written."""
    if not (settings.history or any(path for path, _ in _writers(report, settings))):
        return Written()
    dated = _dated(report, settings)
    history: _Writers = [(settings.history, lambda path: History(path).append(list(_entries(dated))))]
    return _written(history + _writers(dated, settings))


def write_files(report: Report, settings: Settings) -> Written:
    """Write everything but the history, to which a report that is read back has already been added."""
    return _written(_writers(report, settings))


def _written(writers: _Writers) -> Written:
    tried = [(path, _fault_of(write, path)) for path, write in writers if path is not None]
    return Written(
        paths=tuple(path for path, fault in tried if not fault),
        faults=tuple(fault for _, fault in tried if fault),
    )


def _writers(report: Report, settings: Settings) -> _Writers:
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
