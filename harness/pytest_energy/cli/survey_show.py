"""What comparisons of several ways print, and the files that they write."""

from collections.abc import Iterable, Sequence

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.cli.screen import Screen, complain, show, standard_screen
from pytest_energy.errors import HarnessError
from pytest_energy.gate.contest import Contest
from pytest_energy.gate.standing import CONFIDENCE
from pytest_energy.reports import survey_json, survey_markdown, ways
from pytest_energy.reports.survey import Survey
from pytest_energy.settings import Settings


def publish(survey: Survey, settings: Settings) -> bool:
    """Print a survey and write the files that were asked for; return whether all could be written."""
    screen = standard_screen()
    show_survey(screen, survey)
    show(screen)
    whole = True
    for path, render in ((settings.json, survey_json.render), (settings.markdown, survey_markdown.render)):
        try:
            if path is not None:
                write_atomically(path, render(survey))
        except HarnessError as error:
            complain(str(error))
            whole = False
    return whole


def show_survey(screen: Screen, survey: Survey) -> None:
    """Show what differs between the sources, then each model, then what a reader must know."""
    _show_sources(screen, survey)
    for contest in survey.contests:
        _show_contest(screen, contest)
    if survey.contests:
        screen.line(f"{ways.LEGEND}; intervals hold at {CONFIDENCE * 100:g} % for all ways at once")
    _show_list(screen, "left out", survey.left_out_in_words)
    _show_list(screen, "in one way only", survey.alone)
    _show_list(screen, "notes", survey.notes)


def _show_sources(screen: Screen, survey: Survey) -> None:
    if len(survey.sources) == 1:
        return
    for name, words in survey.sources.items():
        screen.line(f"{name}: {words}")
    if not survey.differences:
        screen.line("nothing that is recorded differs between them")
    else:
        rows = [
            (each.name, *(each.values.get(name, "") for name in survey.sources))
            for each in survey.differences
        ]
        screen.table(("differs", *survey.sources), rows, foldable=range(len(survey.sources) + 1))
    screen.line()


def _show_contest(screen: Screen, contest: Contest) -> None:
    screen.line(f"{contest.name}, {len(contest.ways)} ways")
    heads, rows, same = _worth_showing(ways.HEADS, ways.rows(contest))
    screen.table(heads, rows, foldable=(0,))
    screen.line()
    screen.table(ways.differences_heads(contest), ways.differences_rows(contest), foldable=(0,))
    for text in (*same, *ways.remarks(contest)):
        screen.line(text)
    screen.line()


def _worth_showing(
    heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[list[str], list[list[str]], list[str]]:
    """Leave out columns that all have alike; what they say is told below, once."""
    kept = [number for number in range(len(heads)) if len({row[number] for row in rows}) > 1]
    same = [
        f"{head}: {rows[0][number]} of all"
        for number, head in enumerate(heads)
        if number not in kept and rows[0][number]
    ]
    return [heads[number] for number in kept], [[row[number] for number in kept] for row in rows], same


def _show_list(screen: Screen, title: str, texts: Iterable[str]) -> None:
    shown = list(texts)
    if shown:
        screen.line(f"{title}:")
        for text in shown:
            screen.line(f"  - {text}")
