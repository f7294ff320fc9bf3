"""A survey as Markdown, for a job's summary or a comment."""

from collections.abc import Iterator

from pytest_energy.gate.contest import Contest
from pytest_energy.reports import ways
from pytest_energy.reports.escaping import for_markdown
from pytest_energy.reports.markdown_pieces import table
from pytest_energy.reports.survey import Survey


def render(survey: Survey) -> str:
    """Render a survey: what differs between the sources first, then a table per model, then remarks."""
    return (
        "\n".join(
            [
                f"## Energy of {len(survey.contests)} models compared\n"
                if len(survey.contests) != 1
                else "## Energy of 1 model compared\n",
                *_sources(survey),
                *(line for contest in survey.contests for line in section(contest)),
                *_remarks(survey),
            ]
        )
        + "\n"
    )


def section(contest: Contest) -> Iterator[str]:
    """Yield the lines of one model: its heading, its figures, and who is how far behind the best."""
    yield f"### {for_markdown(contest.name)}"
    yield ""
    yield from table(ways.HEADS, ways.rows(contest))
    yield ""
    yield from table(ways.differences_heads(contest), ways.differences_rows(contest))
    yield ""
    for text in ways.remarks(contest):
        yield f"- {for_markdown(text)}"
        yield ""


def _sources(survey: Survey) -> Iterator[str]:
    if len(survey.sources) > 1:
        yield from (f"- {for_markdown(name)}: {for_markdown(text)}" for name, text in survey.sources.items())
        yield ""
    if survey.differences:
        heads = ["what differs", *survey.sources]
        cells = [
            [each.name, *(each.values.get(source, "") for source in survey.sources)]
            for each in survey.differences
        ]
        yield from table(heads, cells)
        yield ""


def _remarks(survey: Survey) -> Iterator[str]:
    yield f"{for_markdown(ways.LEGEND)}."
    yield ""
    yield from (f"- left out: {for_markdown(text)}" for text in survey.left_out_in_words)
    yield from (f"- in one way only: {for_markdown(name)}" for name in survey.alone)
    yield from (f"- {for_markdown(note)}" for note in survey.notes)
