"""Trials in which nothing changes: a baseline is sampled, then run after run of the same model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from pytest_energy.measurement.clock import Clock
from pytest_energy.measurement.quality import Counters, Disturbance, DisturbanceReader, between, total
from pytest_energy.runner.confirmation import BASELINE_PROCESSES, LOOKS
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.sampled import Sampled
from pytest_energy.runner.setup import Setup
from pytest_energy.workloads.suite import SuiteEntry

RUN = LOOKS[0]
"""Processes of a trial: the first look of a run."""

LEAST_TRIALS = LOOKS[-1] // RUN
"""Trials that are always taken: with fewer, the last look of a run would lack processes."""

_BASELINE_GROUPS = BASELINE_PROCESSES // RUN

Process = tuple[Sampled, ...]
"""What one process brought back: here of one entry."""

Sampler = Callable[[Sequence[SuiteEntry], range, Setup], Sequence[Process]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """When to stop: at what comes first, but never before the least number of trials.

    Attributes:
        trials: Most trials; None for as many as the time allows.
        time_s: Wall time in s into which the trials must fit; None for no limit.
    """

    trials: int | None
    time_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What was sampled.

    Attributes:
        baseline: The processes of the baseline.
        runs: The processes of the trials, one trial after the other.
        duration_s: Wall time that it took.
        watched_s: Wall time in which processes measured; their start-up is left out.
        disturbance: What happened in that time. Its wait and switches are this process's, which slept.
    """

    baseline: tuple[Process, ...]
    runs: tuple[Process, ...]
    duration_s: float
    watched_s: float
    disturbance: Disturbance


def sample_trials(  # noqa: PLR0913 - effects come in as arguments
    entry: SuiteEntry,
    setup: Setup,
    bounds: Bounds,
    *,
    reader: DisturbanceReader,
    clock: Clock,
    sample: Sampler = sample_in_workers,
) -> Trials:
    """Sample a baseline and trials.

    Args:
        entry: The model, with how it is run.
        setup: Conditions, plan of each process, time-out and progress.
        bounds: When to stop.
        reader: Reads what disturbs this machine.
        clock: Reads wall time.
        sample: Samples processes; another one in tests.

    Raises:
        HarnessError: A worker could not measure.
    """
    started_s = clock.read().wall_s
    watch = _Watch(reader, clock)
    taken: list[Process] = []
    for group in count():
        if not _goes_on(group, clock.read().wall_s - started_s, bounds):
            break
        numbers = range(group * RUN, (group + 1) * RUN)
        taken += sample([entry], numbers, replace(setup, progress=_progress(group, setup, watch)))
        watch.end()
    return Trials(
        baseline=tuple(taken[:BASELINE_PROCESSES]),
        runs=tuple(taken[BASELINE_PROCESSES:]),
        duration_s=clock.read().wall_s - started_s,
        watched_s=watch.duration_s,
        disturbance=total(watch.spans),
    )


def _goes_on(group: int, spent_s: float, bounds: Bounds) -> bool:
    """Whether another group of processes is sampled; it will take what the others took on average."""
    trials = group - _BASELINE_GROUPS
    if trials < LEAST_TRIALS:
        return True
    if bounds.trials is not None and trials >= bounds.trials:
        return False
    return bounds.time_s is None or spent_s * (group + 1) / group <= bounds.time_s


def _progress(group: int, setup: Setup, watch: "_Watch") -> Callable[[str], None]:
    """Return what is called whenever a process of the group begins to measure."""
    processes = count(1)

    def say(_: str) -> None:
        watch.begin()
        process, trial = next(processes), group - _BASELINE_GROUPS + 1
        if trial > 0:
            setup.progress(f"trial {trial}: process {process} of {RUN}")
        else:
            setup.progress(f"baseline: process {group * RUN + process} of {BASELINE_PROCESSES}")

    return say


class _Watch:
    """Adds up what disturbs the machine, from the first process of a group that measures to the last."""

    def __init__(self, reader: DisturbanceReader, clock: Clock) -> None:
        self._reader, self._clock = reader, clock
        self._began: tuple[Counters, float] | None = None
        self.spans: list[Disturbance] = []
        self.duration_s = 0.0

    def begin(self) -> None:
        """Begin a span, unless one has begun."""
        if self._began is None:
            self._began = self._reader.read(), self._clock.read().wall_s

    def end(self) -> None:
        """End the span, if one has begun."""
        if self._began is not None:
            before, began_s = self._began
            self.spans.append(between(before, self._reader.read()))
            self.duration_s += self._clock.read().wall_s - began_s
            self._began = None
