"""Side by side: commands that judge benchmarks against another version which runs at the same time."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_energy.cli.progress import Progress
from pytest_energy.cli.screen import complain, look_of
from pytest_energy.errors import HarnessError
from pytest_energy.gate.policy import PAIRED_TOLERANCE, Policy
from pytest_energy.gate.verdict import Unchanged, Verdict
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.report_files import require_writers, write_report_files
from pytest_energy.reports import terminal
from pytest_energy.reports.escaping import for_terminal
from pytest_energy.reports.failure import explain
from pytest_energy.reports.report import NoVerdict, Report
from pytest_energy.reports.time_left import TimeLeft
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.setup import Progress as Say
from pytest_energy.runner.setup import Setup
from pytest_energy.settings import Settings
from pytest_energy.terms import conditions_of, empty_report, limits_of, plan_for, policy_for
from pytest_energy.workloads.suite import SuiteEntry

Answer = Verdict | Unchanged
Judge = Callable[[SuiteEntry, Policy, Setup], Answer]


def judge_all(entries: Iterable[SuiteEntry], judge: Judge, settings: Settings, *, compared_with: str) -> int:
    """Judge benchmarks one after the other, report, and write the files that were asked for.

    Args:
        entries: The benchmarks.
        judge: Judges one of them.
        settings: What the user asked for.
        compared_with: The other version, in words.

    Returns:
        The exit code: 1 if a verdict fails, a benchmark got none, or a file could not be written.

    Raises:
        UsageError: The power profile or the region is unknown.
    """
    require_writers(settings)
    conditions = conditions_of(settings, os.environ)
    with Progress() as progress:
        answers = list(_answers(tuple(entries), judge, settings, conditions, progress))
    empty = empty_report(conditions, settings, os.environ)
    report = replace(
        empty,
        verdicts=tuple(each for each in answers if isinstance(each, Verdict)),
        unchanged=tuple(each for each in answers if isinstance(each, Unchanged)),
        without=tuple(each for each in answers if isinstance(each, NoVerdict)),
        notes=(f"compared with {compared_with}", *empty.notes),
    )
    _show(report)
    faults = write_report_files(report, settings).faults
    for fault in faults:
        complain(fault)
    return int(bool(report.without or faults or any(each.fails for each in report.verdicts)))


def _answers(
    entries: Sequence[SuiteEntry],
    judge: Judge,
    settings: Settings,
    conditions: Conditions,
    progress: Progress,
) -> Iterator[Answer | NoVerdict]:
    """Judge one benchmark after the other, and show how long the rest will take."""
    clock = SystemClock()
    left = TimeLeft(total=len(entries), guess_s=settings.time_for(None))

    def say(words: str) -> None:
        progress.say(f"{left.words(clock.read().wall_s)}: {words}")

    for entry in entries:
        left.begin(clock.read().wall_s)
        yield _answer(entry, judge, settings, conditions, say)
        left.end(clock.read().wall_s)


def _answer(
    entry: SuiteEntry, judge: Judge, settings: Settings, conditions: Conditions, say: Say
) -> Answer | NoVerdict:
    """Judge one benchmark; what is wrong with it does not keep the others from being judged."""
    setup = Setup(
        conditions=conditions,
        limits=limits_of(settings),
        plan=plan_for(settings, entry.overrides),
        progress=say,
    )
    try:
        return judge(entry, policy_for(settings, entry.overrides, PAIRED_TOLERANCE), setup)
    except HarnessError as error:
        return NoVerdict(id=entry.benchmark.id, reason=str(error))


def _show(report: Report) -> None:
    """Explain what fails, then show the table, whose last line counts the verdicts."""
    look = look_of(sys.stdout, os.environ)
    for verdict in report.verdicts:
        if verdict.fails:
            lines = explain(verdict, None).splitlines()
            print(*(for_terminal(line, unicode=look["unicode"]) for line in lines), "", sep="\n")
    sys.stdout.write(terminal.render(report, **look))
