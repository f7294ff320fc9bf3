"""The terms of a run: what settings come to for its benchmarks, the same through either door."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from pytest_energy.electricity import electricity_here
from pytest_energy.environment import detect_machine
from pytest_energy.errors import SettingsError
from pytest_energy.gate.policy import Policy
from pytest_energy.measurement.plan import Plan
from pytest_energy.power.surroundings import read_surroundings
from pytest_energy.reports.report import Report
from pytest_energy.runner.conditions import Conditions, find_conditions
from pytest_energy.runner.confirmation import LOOKS
from pytest_energy.runtime.limits import Limits, limits_for
from pytest_energy.settings import Settings
from pytest_energy.workloads.model import fault_of_path
from pytest_energy.workloads.suite import MODEL_ENDINGS, Overrides

PROCESSES_PER_BUDGET = LOOKS[1]
"""A run's time is for its first two looks; the others are for the rare doubtful benchmark."""


def conditions_of(settings: Settings, variables: Mapping[str, str]) -> Conditions:
    """Find out what figures are computed with on this machine.

    Args:
        settings: What the user asked for.
        variables: The environment variables, by which CI runners are recognised.

    Raises:
        ProfileError, CarbonError: The profile or the region is unknown.
    """
    return find_conditions(
        detect_machine(),
        variables,
        profile=settings.profile,
        region=settings.region,
        intensity=settings.intensity,
        pue=settings.pue,
        embodied=settings.embodied,
        around=read_surroundings(),
    )


def policy_for(settings: Settings, overrides: Overrides, builtin: float) -> Policy:
    """Return the rules of a benchmark; ``builtin`` is the tolerance where nobody says anything."""
    return Policy(
        tolerance=settings.tolerance_for(overrides.tolerance, builtin),
        fail_on=settings.fail_on,
        strict=settings.strict,
        budget=overrides.budget,
    )


def plan_for(settings: Settings, overrides: Overrides, shares: int = PROCESSES_PER_BUDGET) -> Plan:
    """Share a benchmark's time out to its processes."""
    return Plan(time_s=settings.time_for(overrides.time_s) / shares)


def limits_of(settings: Settings) -> Limits:
    """Return what a worker may take before it is killed."""
    return limits_for(settings.timeout_s, settings.memory)


def models_of(settings: Settings) -> tuple[Path, ...]:
    """Return the files that ``models`` in the settings names.

    Raises:
        SettingsError: A pattern matches nothing: a gate that measures nothing must not stay green.
    """
    paths: list[Path] = []
    for pattern in settings.models:
        found = sorted(settings.root.glob(pattern))
        if not found:
            raise SettingsError(
                f"'models' in [tool.pytest-energy]: {pattern!r} matches no file below {settings.root}. "
                "Correct the pattern, or take it out."
            )
        for path in found:
            if path.suffix in MODEL_ENDINGS and (fault := fault_of_path(path)):
                raise SettingsError(f"'models' in [tool.pytest-energy]: {path} {fault}.")
        paths += found
    return tuple(paths)


def empty_report(conditions: Conditions, settings: Settings, variables: Mapping[str, str]) -> Report:
    """Return a report that says what figures are computed with, and has no benchmark yet.

    Args:
        conditions: Machine, power profile and electricity.
        settings: What the user asked for.
        variables: The environment variables: keys of live services, and what a cloud says of itself.
    """
    here, remarks = electricity_here(settings, variables)
    return Report(
        version=version("pytest-energy"),
        environment=conditions.machine.environment.id,
        profile=conditions.profile_in_words,
        carbon=conditions.carbon_in_words,
        notes=(*conditions.notes, *remarks),
        here=here,
    )
