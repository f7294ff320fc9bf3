"""What ``pytest-energy run`` does with several environments: suites run in all of them, and are compared."""

import argparse
import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pytest_energy.cli.measuring_options import given_options, settings_of
from pytest_energy.cli.progress import Progress
from pytest_energy.cli.run_suites import entries_of
from pytest_energy.cli.survey_show import publish
from pytest_energy.errors import UsageError
from pytest_energy.report_files import require_writers
from pytest_energy.reports.report import NoVerdict
from pytest_energy.reports.survey import Survey, survey_of
from pytest_energy.runner.matrix import PROCESSES, Measured, alike_but_for_provider, measure_matrix
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.interpreter import Interpreter, other_interpreter
from pytest_energy.settings import Settings
from pytest_energy.terms import conditions_of, empty_report, limits_of, plan_for
from pytest_energy.workloads.suite import SuiteEntry

# What concerns a gate, or the report of one environment.
_UNUSED = frozenset({"tolerance", "fail-on", "strict", "html", "export", "live", "live-cache"})
_BINARIES = frozenset({"bin", "Scripts"})


def run(arguments: argparse.Namespace) -> int:
    """Run suites in every environment that is named, in alternation, and compare.

    Returns:
        The exit code: 1 if something that was asked for was measured nowhere or went wrong.

    Raises:
        UsageError: A path, a suite, a setting or an environment cannot be used.
    """
    folder = Path.cwd()
    if meaningless := [name for name in given_options(arguments) if name in _UNUSED]:
        raise UsageError(
            f"--{meaningless[0]} has no meaning with several --python, which are compared and not judged. "
            "Leave it out."
        )
    settings = settings_of(arguments, folder)
    require_writers(settings)
    entries = entries_of(arguments, settings, folder)
    names = names_of(arguments.python, folder)
    with ExitStack() as stack:
        interpreters = [
            stack.enter_context(other_interpreter(named, folder, limits_of(settings)))
            for named in arguments.python
        ]
        places = list(zip(names, interpreters, strict=True))
        survey, complete = _measured(entries, places, settings)
    whole = publish(survey, settings)
    return int(not (whole and complete))


def _measured(
    entries: Sequence[SuiteEntry], places: Sequence[tuple[str, Interpreter]], settings: Settings
) -> tuple[Survey, bool]:
    """Measure group by group; return what came of it, and whether all of it could be measured somewhere."""
    conditions = conditions_of(settings, os.environ)
    measured = []
    with Progress() as progress:
        for group in alike_but_for_provider(entries):
            setup = Setup(
                conditions=conditions,
                limits=limits_of(settings),
                plan=plan_for(settings, group[0].overrides, PROCESSES),
                progress=progress.say,
            )
            measured.append(measure_matrix(group, places, setup))
    empty = empty_report(conditions, settings, os.environ)
    survey = survey_of(
        [way for each in measured for way in each.ways],
        {name: f"{interpreter.shown}, {interpreter.versions}" for name, interpreter in places},
        version=empty.version,
        left_out=[NoVerdict(id=one.id, reason=one.reason) for each in measured for one in each.left_out],
        notes=(f"energy: modelled, {empty.profile}", f"carbon: {empty.carbon}", *empty.notes),
    )
    return survey, all(map(_is_complete, measured))


def _is_complete(measured: Measured) -> bool:
    """Whether every benchmark was measured somewhere, and only for want of a provider not everywhere."""
    found = {way.result.benchmark.id for way in measured.ways}
    return all(one.absent and one.id in found for one in measured.left_out)


def names_of(named: Sequence[str], folder: Path) -> Sequence[str]:
    """Name environments as shortly as they can be told apart: by their folder.

    Raises:
        UsageError: One is named twice.
    """
    paths = [Path(os.path.abspath(folder / each)) for each in named]  # noqa: PTH100 - resolve() would follow links
    homes = [path.parents[1] if path.parent.name in _BINARIES else path for path in paths]
    for number, home in enumerate(homes):
        if home in homes[:number]:
            raise UsageError(f"The environment {named[number]} is named twice: name each one once.")
    short = [home.name for home in homes]
    return short if len(set(short)) == len(short) else list(named)
