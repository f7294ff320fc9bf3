"""The files that a run was asked to write: results as JSON, the report as Markdown, and the history."""

from collections.abc import Iterator

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.baselines.history import History, HistoryEntry, flat
from pytest_energy.baselines.provenance import current_provenance
from pytest_energy.errors import HarnessError
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import now
from pytest_energy.plugin.outcome import Outcome
from pytest_energy.reports import markdown, results_json
from pytest_energy.settings import Settings
from pytest_energy.statistics.trimmed import typical


def write_report_files(outcome: Outcome, settings: Settings) -> Outcome:
    """Write what was asked for. What cannot be written becomes a fault; the rest is still written."""
    for path, render in ((settings.json, results_json.render), (settings.markdown, markdown.render)):
        if path is not None:
            try:
                write_atomically(path, render(outcome.report))
            except HarnessError as error:
                outcome = outcome.with_fault(str(error))
    return _with_history(outcome, settings)


def _with_history(outcome: Outcome, settings: Settings) -> Outcome:
    if settings.history is None:
        return outcome
    try:
        History(settings.history).append(list(_entries(outcome, settings)))
    except HarnessError as error:
        return outcome.with_fault(str(error))
    return outcome


def _entries(outcome: Outcome, settings: Settings) -> Iterator[HistoryEntry]:
    """Yield an entry per benchmark that was measured and judged, all of one time and commit."""
    time = now()
    commit = current_provenance(settings.baselines, None, time).commit
    for verdict in outcome.report.verdicts:
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
