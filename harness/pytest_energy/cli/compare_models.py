"""What ``pytest-energy compare --paired`` does: two models run in the same processes, in alternation."""

import argparse
from dataclasses import replace
from pathlib import Path

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.cli.measuring_options import settings_of
from pytest_energy.cli.side_by_side import Answer, judge_all
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Unchanged
from pytest_energy.measurement.clock import today
from pytest_energy.runner.explanation import with_operators
from pytest_energy.runner.paired import is_same, judge_pair
from pytest_energy.runner.setup import Setup
from pytest_energy.workloads.model import require_model
from pytest_energy.workloads.suite import SuiteEntry, model_entry


def run(arguments: argparse.Namespace) -> int:
    """Compare two models, on every provider that is asked for, and return the exit code.

    Raises:
        UsageError: A setting cannot be used.
        ModelError: A file plainly is no model.
    """
    folder = Path.cwd()
    settings = settings_of(arguments, folder)
    old_name, new_name = arguments.paired
    for name in (old_name, new_name):
        require_model(folder / name, name)

    def judge_one(new: SuiteEntry, policy: Policy, setup: Setup) -> Answer:
        benchmark = replace(new.benchmark, model=Path(old_name).as_posix())
        old = replace(new, benchmark=benchmark, model_path=folder / old_name)
        if is_same(new, old):
            return Unchanged(benchmark=new.benchmark, reason=f"not run: byte for byte as in {old_name}")
        origin = Provenance(commit=None, date=today())
        verdict, _ = judge_pair(new, old, origin, policy, setup)
        return with_operators(replace(verdict, compared_with=old_name), new, old, setup)

    entries = model_entry(
        folder / new_name,
        new_name,
        settings.providers or settings.default_providers,
        batch=arguments.batch,
        threads=arguments.threads,
        libraries=settings.libraries,
    )
    return judge_all(entries, judge_one, settings, compared_with=old_name)
