"""What ``pytest-energy run`` does: suites run in this environment and in another one, in alternation."""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.cli.measuring_options import settings_of
from pytest_energy.cli.side_by_side import Answer, judge_all
from pytest_energy.errors import UsageError
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Unchanged
from pytest_energy.measurement.clock import today
from pytest_energy.runner.environments import judge_environments, runs_alike
from pytest_energy.runner.explanation import with_operators
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.interpreter import other_interpreter
from pytest_energy.settings import Settings
from pytest_energy.terms import limits_of, models_of
from pytest_energy.workloads.collection import collect
from pytest_energy.workloads.suite import SuiteEntry, model_entry, read_suite


def run(arguments: argparse.Namespace) -> int:
    """Run suites here and in another environment, and return the exit code.

    Raises:
        UsageError: A path, a suite, a setting or the other environment cannot be used.
    """
    folder = Path.cwd()
    settings = settings_of(arguments, folder)
    entries = entries_of(arguments, settings, folder)
    with other_interpreter(arguments.python[0], folder, limits_of(settings)) as other:
        compared_with = f"{other.shown} ({other.versions})"

        def judge_one(entry: SuiteEntry, policy: Policy, setup: Setup) -> Answer:
            if runs_alike(entry, other, setup):
                reason = f"not run: everything that is recorded of it is as in {other.shown}"
                return Unchanged(benchmark=entry.benchmark, reason=reason)
            origin = Provenance(commit=None, date=today())
            verdict = judge_environments(entry, other, origin, policy, setup)
            explained = with_operators(verdict, entry, entry, setup, other)
            return replace(explained, compared_with=compared_with)

        return judge_all(entries, judge_one, settings, compared_with=compared_with)


def entries_of(arguments: argparse.Namespace, settings: Settings, folder: Path) -> tuple[SuiteEntry, ...]:
    """Return what the paths on the command line hold, or what the settings name.

    Raises:
        UsageError: There is nothing, or a path or suite cannot be used.
    """
    names, relative_to = arguments.paths, folder
    if not names:
        names = [str(path.relative_to(settings.root)) for path in models_of(settings)]
        relative_to = settings.root
    if not names:
        raise UsageError(
            "There is nothing to run: name suites, folders or models, or set 'models' in "
            "[tool.pytest-energy]."
        )
    return collect(
        names,
        relative_to,
        partial(
            read_suite,
            providers=settings.providers,
            default_providers=settings.default_providers,
            libraries=settings.libraries,
        ),
        partial(
            model_entry,
            providers=settings.providers or settings.default_providers,
            batch=arguments.batch,
            threads=arguments.threads,
            libraries=settings.libraries,
        ),
    )
