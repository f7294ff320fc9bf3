"""What is held fixed while benchmarks are measured."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_energy.measurement.plan import Plan
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.metering import Metering
from pytest_energy.runner.sampled import Sampled
from pytest_energy.runtime.limits import Limits

Progress = Callable[[str], object]
"""Called with a few words on what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is held fixed while a benchmark is measured.

    Attributes:
        conditions: Machine, power profile and electricity.
        limits: What a worker may take before it is killed.
        plan: How each process samples.
        progress: Shows a few words on what is being done.
        metering: The energy counters to read beside; None for none.
        verified: Where benchmarks were found to run, by all that could change it.
    """

    conditions: Conditions
    limits: Limits
    plan: Plan = field(default_factory=Plan)
    progress: Progress = lambda _: None
    metering: Metering | None = None
    verified: dict[str, Sampled] = field(default_factory=dict)
