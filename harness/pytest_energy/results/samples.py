"""Samples: raw readings of steps and of the reference, each with its process and round."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Signal = Literal["cpu", "device"]
"""What a step's cost is read from: CPU time of the process, or wall time of a device that was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterWindow:
    """What an energy counter showed while one process ran nothing but steps.

    Attributes:
        component: What was counted: ``cpu``, ``dram``, ``gpu``, ``soc``.
        method: How the joules came about, e.g. ``measured RAPL package``.
        boundary: What they include, in words.
        energy_j: J over the whole window.
        duration_s: Wall time of the window.
        cpu_s: CPU time of the process in it.
        steps: Steps that ran in it.
    """

    component: str
    method: str
    boundary: str
    energy_j: float
    duration_s: float
    cpu_s: float
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSamples:
    """What one process read. Steps and reference alternate; position in a tuple is the round.

    Attributes:
        process: Number of the process within its run, from 0.
        steps_per_block: Steps that were timed together.
        step_cpu_s: CPU time per step, one reading per round, warm-up left out.
        step_duration_s: Wall time per step, one reading per round.
        reference_cpu_s: CPU time of one unit of the reference, one reading per round.
        warmup_cpu_s: CPU time per step of the rounds that were discarded as warm-up.
        load_s: Wall time to create the session; None for a callable.
        load_cpu_s: CPU time to create it, over all threads; None for a callable.
        first_run_s: Wall time of the first step of these shapes, in which engines are built and algorithms
            searched; None for a callable.
        first_run_cpu_s: CPU time of it; None for a callable.
        voided: Numbers of the rounds, from 0, in which something else disturbed the process.
        disturbances: How many rounds each kind of disturbance spoilt, by its name.
        windows: What energy counters showed; empty where there are none. The gate does not look at them.
        feeds: How many feeds the rounds took in turns: round ``n`` ran feed ``n`` modulo this.
        fetch_cpu_s: What of a step's CPU time was spent on making its batches, one reading per round; empty
            where all lie in memory before.
        fetch_duration_s: What of its wall time was, one reading per round.
    """

    process: int
    steps_per_block: int
    step_cpu_s: tuple[float, ...]
    step_duration_s: tuple[float, ...]
    reference_cpu_s: tuple[float, ...]
    warmup_cpu_s: tuple[float, ...] = ()
    load_s: float | None = None
    load_cpu_s: float | None = None
    first_run_s: float | None = None
    first_run_cpu_s: float | None = None
    voided: tuple[int, ...] = ()
    disturbances: Mapping[str, int] = field(default_factory=dict)
    windows: tuple[MeterWindow, ...] = ()
    feeds: int = 1
    fetch_cpu_s: tuple[float, ...] = ()
    fetch_duration_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEstimate:
    """One process in one line: the unit of independent evidence.

    Attributes:
        cpu_s: CPU time per step.
        duration_s: Wall time per step.
        reference_cpu_s: CPU time of one unit of the reference.
        cost: What is gated. CPU time per step in units of the reference (dimensionless); of work on a device,
            wall time per step in s, which no work of the processor could normalise.
    """

    cpu_s: float
    duration_s: float
    reference_cpu_s: float
    cost: float

    def seconds(self, signal: Signal) -> float:
        """Return the time per step that the cost is read from, in s."""
        return self.cpu_s if signal == "cpu" else self.duration_s
