"""What ``pytest-energy compare RESULTS.json ...`` does: models in all ways they were measured."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from pytest_energy.cli.measuring_options import given_options, settings_of
from pytest_energy.cli.results_file import read_report
from pytest_energy.cli.survey_show import publish
from pytest_energy.errors import UsageError
from pytest_energy.gate.standing import Way
from pytest_energy.report_files import require_writers
from pytest_energy.reports.report import Report
from pytest_energy.reports.survey import survey_of

_USED = frozenset({"json", "markdown"})


def run(arguments: argparse.Namespace) -> int:
    """Compare what results files hold, and return the exit code.

    Raises:
        UsageError: A file cannot be read, is named twice or holds nothing, or nothing can be compared.
    """
    folder = Path.cwd()
    if meaningless := [name for name in given_options(arguments) if name not in _USED]:
        raise UsageError(
            f"--{meaningless[0]} is for measuring, and results files have been measured. Leave it out."
        )
    settings = settings_of(arguments, folder)
    require_writers(settings)
    reports = _reports(arguments.results, folder)
    ways = [
        Way(result=verdict.result, source=source)
        for source, report in reports.items()
        for verdict in report.verdicts
    ]
    paths = dict(zip(reports, arguments.results, strict=True))
    survey = survey_of(
        ways,
        {source: _in_words(paths[source], report) for source, report in reports.items()},
        version=version("pytest-energy"),
        notes=tuple(_notes(reports)),
    )
    if not survey.contests:
        raise UsageError(_nothing(reports))
    return int(not publish(survey, settings))


def _reports(paths: Sequence[str], folder: Path) -> Mapping[str, Report]:
    """Read every file, and name it as shortly as it can be told from the others."""
    seen: dict[bytes, str] = {}
    for path in paths:
        report = read_report(folder / path)
        if not report.verdicts:
            raise UsageError(f"{path} holds no benchmark that was measured. Name another file.")
        content = (folder / path).read_bytes()
        if content in seen:
            twice = (
                "is named twice"
                if seen[content] == path
                else f"holds the same measurements as {seen[content]}"
            )
            raise UsageError(f"{path} {twice}: a run cannot be compared with itself. Name each run once.")
        seen[content] = path
    stems = [Path(path).stem for path in paths]
    names = stems if len(set(stems)) == len(stems) else paths
    return {name: read_report(folder / path) for name, path in zip(names, paths, strict=True)}


def _in_words(path: str, report: Report) -> str:
    parts = [path, f"on {report.environment}"]
    if report.time:
        parts.append(f"ended {report.time}")
    if report.commit:
        parts.append(f"commit {report.commit}")
    return ", ".join(parts)


def _notes(reports: Mapping[str, Report]) -> Iterable[str]:
    """Yield the notes of all runs, named by their source where not all have them."""
    told = {source: _told(report) for source, report in reports.items()}
    for note in dict.fromkeys(note for own in told.values() for note in own):
        owners = [source for source, own in told.items() if note in own]
        yield note if len(owners) == len(reports) else f"{', '.join(owners)}: {note}"


def _told(report: Report) -> Sequence[str]:
    methods = dict.fromkeys(verdict.result.energy.method for verdict in report.verdicts)
    return f"energy: {', '.join(methods)}, {report.profile}", f"carbon: {report.carbon}", *report.notes


def _nothing(reports: Mapping[str, Report]) -> str:
    names = dict.fromkeys(
        verdict.result.benchmark.name for report in reports.values() for verdict in report.verdicts
    )
    where = "the file" if len(reports) == 1 else "these files"
    return (
        f"There is nothing to compare: {where} hold no model in more than one way, only "
        f"{', '.join(names)}. Measure on several providers (--energy-provider cpu --energy-provider "
        "openvino), or name a file of another run with the same models."
    ).replace("the file hold ", "the file holds ")
