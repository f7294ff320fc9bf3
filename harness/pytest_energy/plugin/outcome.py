"""The outcome of a run: what was judged, what was not, and the exit code that follows."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import pytest

from pytest_energy.errors import BaselineError
from pytest_energy.gate.verdict import Kind
from pytest_energy.plugin.energy_session import EnergySession
from pytest_energy.reports.report import NoVerdict, Orphan, Report
from pytest_energy.reports.summary import plural
from pytest_energy.terms import empty_report

_FINE = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


@dataclass(slots=True, kw_only=True)
class Coverage:
    """Which items owe a verdict, and what became of them.

    Attributes:
        narrowed: Whether items were deselected.
        reasons: By the node id of every item that owes a verdict, why it may have none.
    """

    narrowed: bool = False
    reasons: dict[str, str] = field(default_factory=dict)

    def expect(self, nodeid: str) -> None:
        """Remember that an item owes a verdict."""
        self.reasons[nodeid] = "it did not run"

    def saw(self, report: pytest.TestReport) -> None:
        """Keep what pytest reported of an item, for the case that it got no verdict."""
        if report.nodeid not in self.reasons:
            return
        if report.failed:
            self.reasons[report.nodeid] = _first_paragraph(report)
        elif report.skipped:
            self.reasons[report.nodeid] = f"skipped: {_skip_reason(report)}"
        elif report.when == "call":
            self.reasons[report.nodeid] = (
                "it passed, but measured nothing: it made no call of the energy or the benchmark fixture"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the run comes to.

    Attributes:
        report: All there is to say.
        exit_code: The exit code of pytest.
        faults: Lines that explain an exit code which no failed item explains.
    """

    report: Report
    exit_code: int
    faults: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to say: pytest itself says why it ran nothing."""
        return not (self.report.has_benchmarks or self.report.orphans or self.faults)

    def with_note(self, note: str) -> "Outcome":
        """Add a note to the report."""
        return replace(self, report=replace(self.report, notes=(note, *self.report.notes)))

    def with_fault(self, line: str) -> "Outcome":
        """Add a fault; a run that would have been green is not."""
        code = pytest.ExitCode.TESTS_FAILED if self.exit_code in _FINE else self.exit_code
        return replace(self, exit_code=code, faults=(*self.faults, line))


def conclude(energy_session: EnergySession, coverage: Coverage, exitstatus: int, *, whole: bool) -> Outcome:
    """Draw the conclusion of a run.

    Args:
        energy_session: What was measured and judged.
        coverage: Which items owe a verdict.
        exitstatus: What pytest would exit with.
        whole: Whether nothing narrowed the run, so that a baseline without a benchmark is an orphan.
    """
    without = tuple(_without_verdict(energy_session, coverage))
    orphans: tuple[Orphan, ...] = ()
    faults: list[str] = []
    try:
        orphans = _orphans(energy_session) if whole and not without else ()
    except BaselineError as error:
        faults.append(str(error))
    outcome = Outcome(report=_report(energy_session, without, orphans), exit_code=exitstatus)
    if not coverage.reasons and exitstatus in _FINE:
        return replace(outcome, exit_code=pytest.ExitCode.NO_TESTS_COLLECTED, faults=(_NOTHING,))
    if exitstatus in _FINE:
        faults += _unjudged(without, orphans if energy_session.fails(Kind.NEW) else ())
    return reduce(Outcome.with_fault, faults, outcome)


_NOTHING = (
    "--energy, but no benchmark was collected: name a model (pytest --energy model.onnx), a folder with "
    "*.energy.toml suites, or tests that use the energy fixture."
)


def _unjudged(without: Sequence[NoVerdict], orphans: Sequence[Orphan]) -> Iterator[str]:
    if without:
        yield (
            f"{plural(len(without), 'benchmark')} without a verdict: a run that did not measure what it "
            "collected is not green. Deselect what cannot be measured here."
        )
    if orphans:
        yield (
            f"{plural(len(orphans), 'baseline')} without a benchmark, which counts as new: delete what is no "
            "longer wanted, or restore the benchmark."
        )


def _without_verdict(energy_session: EnergySession, coverage: Coverage) -> Iterator[NoVerdict]:
    for nodeid, reason in coverage.reasons.items():
        if not energy_session.has_verdict(nodeid):
            yield NoVerdict(id=nodeid, reason=reason)


def _orphans(energy_session: EnergySession) -> tuple[Orphan, ...]:
    environment = energy_session.conditions.machine.environment.id
    judged = {verdict.result.benchmark.id for verdict in energy_session.verdicts}
    judged |= {one.benchmark.id for one in energy_session.unchanged}
    return tuple(
        Orphan(id=name, path=energy_session.shown_path(path))
        for name, path in energy_session.store.benchmarks(environment).items()
        if name not in judged
    )


def _report(
    energy_session: EnergySession, without: tuple[NoVerdict, ...], orphans: tuple[Orphan, ...]
) -> Report:
    return replace(
        empty_report(energy_session.conditions, energy_session.settings, os.environ),
        verdicts=tuple(energy_session.verdicts),
        unchanged=tuple(energy_session.unchanged),
        without=without,
        orphans=orphans,
        updates=tuple(energy_session.updates),
    )


def _first_paragraph(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    said = getattr(crash, "message", None) or str(report.longrepr)
    return said.strip().splitlines()[0] if said.strip() else "it failed"


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)
