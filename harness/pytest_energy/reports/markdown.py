"""The report as Markdown, for a comment on a pull request or the summary of a CI job."""

from collections.abc import Iterator, Sequence

from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.reports import failure, figures, summary, survey_markdown, ways
from pytest_energy.reports.escaping import for_markdown
from pytest_energy.reports.report import Report
from pytest_energy.reports.row import Row, rows

LONGEST = 65_000
"""GitHub refuses a comment of more than 65,536 characters."""

_ROOM_FOR_FAILURES = 30_000
_ROOM_FOR_REMARKS = 12_000
_ROOM_FOR_COMPARISONS = 12_000
_LONGEST_TEXT = 1_000  # one long message must not push out all the others

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
    failures = _fitted(list(_failures(report)), _ROOM_FOR_FAILURES)
    compared = _compared(report)
    remarks = _folded("How it was measured, and remarks", _fitted(list(_remarks(report)), _ROOM_FOR_REMARKS))
    room = LONGEST - len(heading) - len(failures) - len(compared) - len(remarks) - len(_HEAD) - 200
    table = _fitted([_row(each) for each in sorted(rows(report), key=_worst_first)], room)
    table = _folded("All benchmarks", f"{_HEAD}\n{table}") if table else ""
    return "\n".join(filter(None, (heading, failures, table, compared, remarks)))


def _compared(report: Report) -> str:
    """Compare the ways of each model, where there are several."""
    sections = ["\n".join(survey_markdown.section(each)) for each in ways.contests_of(report, batches=False)]
    if not sections:
        return ""
    return _folded(
        "Providers, threads and precisions compared",
        f"{_fitted(sections, _ROOM_FOR_COMPARISONS)}\n{ways.LEGEND}.",
    )


def _fitted(entries: Sequence[str], room: int) -> str:
    """Join as many entries as there is room for, in characters, and tell how many were left out."""
    kept: list[str] = []
    for entry in entries:
        room -= len(entry) + 1
        if room < 0:
            break
        kept.append(entry)
    left_out = len(entries) - len(kept)
    if left_out:
        kept.append(f"\n*{left_out} more left out here for length: the log and `--energy-json` have all.*")
    return "\n".join([*kept, ""]) if kept else ""


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n</details>\n"


def _failures(report: Report) -> Iterator[str]:
    """Yield what needs a person: failing verdicts, benchmarks without one, and orphaned baselines."""
    for verdict in sorted(report.verdicts, key=lambda each: not each.fails):
        if verdict.fails or verdict.kind is Kind.REGRESSED:
            yield _failure(verdict)
    for one in report.without:
        yield f"### {_code(one.id)} got no verdict\n\n{_text(one.reason)}\n"
    for orphan in report.orphans:
        yield f"- Baseline without a benchmark: {_code(orphan.path)}"


def _failure(verdict: Verdict) -> str:
    budget = ", over budget" if verdict.over_budget else ""
    accepted = "" if verdict.fails else " (does not fail the build)"
    facts = (
        f"- **{label}:** {'<br>'.join(_text(text) for text in texts)}"
        for label, texts in failure.facts(verdict, None)
    )
    return "\n".join(
        (
            f"### {_code(verdict.result.benchmark.id)} {verdict.kind}{budget}{accepted}",
            "",
            _text(failure.by_how_much(verdict)),
            "",
            *facts,
            *(("", _text(" ".join(failure.next_step(verdict).splitlines()))) if verdict.fails else ()),
            "",
        )
    )


def _row(row: Row) -> str:
    kind = f"**{row.kind}**" if row.fails else str(row.kind)
    measured = (row.latency, row.energy, row.carbon, " ".join(row.change))
    return f"| {' | '.join((_code(row.id), *map(_text, measured), kind))} |"


def _remarks(report: Report) -> Iterator[str]:
    yield f"- energy: {_text(summary.method(report))}"
    yield f"- carbon: {_text(summary.carbon(report))}"
    if report.here is not None:
        yield f"- carbon here: {_text(summary.here(report))}"
    yield f"- environment: {_text(report.environment)}, pytest-energy {_text(report.version)}"
    yield from (f"- note: {_text(note)}" for note in summary.notes(report))
    for each in summary.explanations(report.verdicts):
        if not each.fails and each.kind is not Kind.REGRESSED:
            said = (*each.reasons, *(f"changed: {figures.factor(one)}" for one in each.factors))
            yield f"- {each.kind} {_text(', '.join(each.benchmarks))}: {_text('; '.join(said))}"
    for reason, names in summary.unchanged(report.unchanged).items():
        yield f"- {Kind.UNCHANGED} {_text(', '.join(names))}: {_text(reason)}"
    for action, names in summary.updated(report.updates).items():
        yield f"- baselines {_text(action)}: {', '.join(_code(name) for name in names)}"


def _worst_first(row: Row) -> tuple[bool, bool]:
    return not row.fails, row.kind in summary.FINE


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    shown = text[:_LONGEST_TEXT]
    more = len(text) - len(shown)
    return for_markdown(shown) + (f" ... ({more} more characters)" if more else "")
