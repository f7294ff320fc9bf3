"""The report as a table for a terminal, with what explains it below."""

import re
from collections.abc import Iterable
from io import StringIO

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pytest_energy.gate.verdict import Kind
from pytest_energy.reports import summary, ways
from pytest_energy.reports.console import text_console
from pytest_energy.reports.escaping import for_terminal, without_commands
from pytest_energy.reports.evidence import evidence
from pytest_energy.reports.figures import factor
from pytest_energy.reports.report import Report
from pytest_energy.reports.row import rows
from pytest_energy.reports.terminal_table import Words, figures_table

_STYLES = {Kind.REGRESSED: "red", Kind.PASSED: "green", Kind.IMPROVED: "green", Kind.UNCHANGED: "green"}
_ANY_OTHER = "yellow"

_TRAILING_BLANKS = re.compile(r" +(\x1b\[0m)?$", re.MULTILINE)
_NARROWEST = 20


def render(report: Report, *, width: int, colour: bool, unicode: bool, verbosity: int = 0) -> str:
    """Render a report for a terminal.

    Args:
        report: The run.
        width: Columns of the terminal; what does not fit into them is folded, never cut off.
        colour: Whether ANSI colours are wanted; they mark verdicts only.
        unicode: Whether the terminal shows more than ASCII.
        verbosity: Below 0 only what did not pass and the count; above 0 also the evidence of every verdict.

    Returns:
        Lines without trailing blanks, ending in a newline.
    """
    page = _Page(width=width, colour=colour, unicode=unicode)
    if verbosity >= 0:
        _table(page, report)
    if verbosity > 0:
        _evidence(page, report)
    _explanations(page, report, quiet=verbosity < 0)
    if verbosity >= 0:
        _unchanged(page, report)
    _list(page, "without a verdict", (f"{one.id}: {one.reason}" for one in report.without))
    if verbosity >= 0:
        _compared(page, report, batches=verbosity > 0)
        _list(page, "baselines without a benchmark", (one.path for one in report.orphans))
        updated = summary.updated(report.updates).items()
        _list(page, "baselines updated", (f"{action}: {', '.join(names)}" for action, names in updated))
        if report.verdicts or report.unchanged:
            _list(page, "notes", summary.notes(report))
            _legend(page, report)
    if report.has_benchmarks:
        page.unbroken(summary.counted(report))
    return page.text()


class _Page:
    """A console that writes into a string, and the one place where text is escaped on its way there."""

    def __init__(self, *, width: int, colour: bool, unicode: bool) -> None:
        self.width = width
        self.unicode = unicode
        self._out = StringIO()
        self._console = text_console(self._out, width=max(width, _NARROWEST), colour=colour)

    def words(self, text: str, style: str = "") -> Text:
        """Escape text; a word longer than the line is folded."""
        return Text(for_terminal(text, unicode=self.unicode), style=style, overflow="fold")

    def verdict(self, kind: Kind) -> Text:
        return self.words(kind, _STYLES.get(kind, _ANY_OTHER))

    def line(self, text: str) -> None:
        self.show(self.words(text))

    def unbroken(self, text: str) -> None:
        """Show a line as one, so that tools that read the log find it whole; the terminal may wrap it."""
        self._console.print(self.words(text), soft_wrap=True)

    def item(self, text: str) -> None:
        """Show one entry of a list, its second line below the beginning of the first."""
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row("  -", self.words(text))
        self.show(grid)

    def show(self, what: RenderableType) -> None:
        self._console.print(what, crop=False)

    def text(self) -> str:
        return without_commands(_TRAILING_BLANKS.sub(r"\1", self._out.getvalue()))


def _table(page: _Page, report: Report) -> None:
    shown = rows(report)
    if shown:
        words = Words(plain=page.words, verdict=page.verdict, unicode=page.unicode)
        page.show(figures_table(shown, summary.confidence_levels(report.verdicts), words, page.width))
        page.line("")


def _evidence(page: _Page, report: Report) -> None:
    for verdict in report.verdicts:
        page.line(verdict.result.benchmark.id)
        for text in evidence(verdict):
            page.item(text)
    if report.verdicts:
        page.line("")


def _explanations(page: _Page, report: Report, *, quiet: bool) -> None:
    for each in summary.explanations(report.verdicts):
        if quiet and each.kind in summary.FINE:
            continue
        page.show(_heading(page, each))
        changed = (f"changed: {factor(one)}" for one in each.factors)
        for text in (*each.reasons, *(f"operators: {one}" for one in each.operators), *changed):
            page.item(text)


def _unchanged(page: _Page, report: Report) -> None:
    for reason, names in summary.unchanged(report.unchanged).items():
        heading = Text.assemble(page.verdict(Kind.UNCHANGED), " ", page.words(", ".join(names)))
        page.show(heading)
        page.item(reason)


def _compared(page: _Page, report: Report, *, batches: bool) -> None:
    """Say how the ways of each model stand, where there are several; their figures are in the table."""
    for contest in ways.contests_of(report, batches=batches):
        page.line(f"{contest.name} in {len(contest.ways)} ways:")
        for quantity, text in ways.sentences(contest):
            page.item(f"{quantity}: {text}")


def _heading(page: _Page, each: summary.Explanation) -> RenderableType:
    said = ", ".join(each.benchmarks) + (f" ({each.remark})" if each.remark else "")
    return Text.assemble(page.verdict(each.kind), " ", page.words(said), overflow="fold")


def _list(page: _Page, title: str, texts: Iterable[str]) -> None:
    shown = list(texts)
    if shown:
        page.line(f"{title}:")
        for text in shown:
            page.item(text)


def _legend(page: _Page, report: Report) -> None:
    for text in (f"energy: {summary.method(report)}", f"carbon: {summary.carbon(report)}"):
        page.line(text)
    if report.here is not None:
        page.line(f"carbon here: {summary.here(report)}")
