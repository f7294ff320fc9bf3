"""The report as Markdown, for a comment on a pull request or the summary of a CI job."""

from collections.abc import Iterator

from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.reports import failure, figures, summary, survey_markdown, ways
from pytest_energy.reports.escaping import for_markdown
from pytest_energy.reports.markdown_details import details
from pytest_energy.reports.markdown_pieces import code, fitted, folded, text
from pytest_energy.reports.report import Report
from pytest_energy.reports.row import Row, rows

LONGEST = 65_000
"""GitHub refuses a comment of more than 65,536 characters."""

_ROOM_FOR_FAILURES = 26_000
_ROOM_FOR_REMARKS = 9_000
_ROOM_FOR_COMPARISONS = 9_000

_HEAD = (
    f"| benchmark | latency | energy per step | gCO2e per {figures.STEPS:,} steps | change | verdict |\n"
    "|---|--:|--:|--:|---|---|"
)


def render(report: Report) -> str:
    """Render a report as Markdown of less than 65,000 characters.

    The count of verdicts comes first, then what fails with its reasons, then the folded table and remarks.
    What does not fit is left out from the end of its section, passing benchmarks first; its number is told.
    """
    heading = f"## Energy of {for_markdown(summary.counted(report))}\n"
    failures = fitted(list(_failures(report)), _ROOM_FOR_FAILURES)
    compared = _compared(report)
    more = details(report)
    remarks = folded("How it was measured, and remarks", fitted(list(_remarks(report)), _ROOM_FOR_REMARKS))
    room = (
        LONGEST - len(heading) - len(failures) - len(compared) - len(more) - len(remarks) - len(_HEAD) - 200
    )
    table = fitted([_row(each) for each in sorted(rows(report), key=_worst_first)], room)
    table = folded("All benchmarks", f"{_HEAD}\n{table}") if table else ""
    return "\n".join(filter(None, (heading, failures, table, compared, more, remarks)))


def _compared(report: Report) -> str:
    """Compare the ways of each model, where there are several."""
    sections = ["\n".join(survey_markdown.section(each)) for each in ways.contests_of(report, batches=False)]
    if not sections:
        return ""
    return folded(
        "Providers, threads and precisions compared",
        f"{fitted(sections, _ROOM_FOR_COMPARISONS)}\n{ways.LEGEND}.",
    )


def _failures(report: Report) -> Iterator[str]:
    """Yield what needs a person: failing verdicts, benchmarks without one, and orphaned baselines."""
    for verdict in sorted(report.verdicts, key=lambda each: not each.fails):
        if verdict.fails or verdict.kind is Kind.REGRESSED:
            yield _failure(verdict)
    for one in report.without:
        yield f"### {code(one.id)} got no verdict\n\n{text(one.reason)}\n"
    for orphan in report.orphans:
        yield f"- Baseline without a benchmark: {code(orphan.path)}"


def _failure(verdict: Verdict) -> str:
    budget = ", over budget" if verdict.over_budget else ""
    accepted = "" if verdict.fails else " (does not fail the build)"
    facts = (
        f"- **{label}:** {'<br>'.join(text(each) for each in texts)}"
        for label, texts in failure.facts(verdict, None)
    )
    return "\n".join(
        (
            f"### {code(verdict.result.benchmark.id)} {verdict.kind}{budget}{accepted}",
            "",
            text(failure.by_how_much(verdict)),
            "",
            *facts,
            *(_advice(verdict) if verdict.fails else ()),
            "",
        )
    )


def _advice(verdict: Verdict) -> Iterator[str]:
    """Yield what to do about it, commands as code."""
    said, *commands = failure.next_step(verdict).splitlines()
    yield ""
    yield "<br>".join([text(said), *map(code, commands)])


def _row(row: Row) -> str:
    kind = f"**{row.kind}**" if row.fails else str(row.kind)
    measured = (row.latency, row.energy, row.carbon, " ".join(row.change))
    return f"| {' | '.join((code(row.id), *map(text, measured), kind))} |"


def _remarks(report: Report) -> Iterator[str]:
    yield f"- energy: {text(summary.method(report))}"
    yield f"- carbon: {text(summary.carbon(report))}"
    if report.here is not None:
        yield f"- carbon here: {text(summary.here(report))}"
    yield f"- environment: {text(report.environment)}, pytest-energy {text(report.version)}"
    yield from (f"- note: {text(note)}" for note in summary.notes(report))
    for each in summary.explanations(report.verdicts):
        if not each.fails and each.kind is not Kind.REGRESSED:
            said = (*each.reasons, *(f"changed: {figures.factor(one)}" for one in each.factors))
            why = f": {text('; '.join(said))}" if said else ""
            yield f"- {each.kind} {text(', '.join(each.benchmarks))}{why}"
    for reason, names in summary.unchanged(report.unchanged).items():
        yield f"- {Kind.UNCHANGED} {text(', '.join(names))}: {text(reason)}"
    for action, names in summary.updated(report.updates).items():
        yield f"- baselines {text(action)}: {', '.join(code(name) for name in names)}"


def _worst_first(row: Row) -> tuple[bool, bool]:
    return not row.fails, row.kind in summary.FINE
