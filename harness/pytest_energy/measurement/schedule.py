"""A schedule: a fixed number of rounds, each of them prepared before and cleared up after."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from pytest_energy.measurement.clock import Clock
from pytest_energy.measurement.frequency import frequency_steps
from pytest_energy.measurement.interleave import Block, BlockReading, read_block
from pytest_energy.measurement.quality import Counters, between, disturbed_by
from pytest_energy.results.samples import ProcessSamples

_REFERENCE_S = 4e-3  # as long as a block of the sampler
_LEAST_CPU_S = 1e-9  # a step that the clock cannot see still costs something: ratios must stay finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What is run, and how often.

    Attributes:
        prepare: Makes the step of one round ready, and returns it.
        clear_up: Called after each round.
        rounds: Rounds, 1 or more.
        steps: Steps per round, 1 or more.
    """

    prepare: Callable[[], Callable[[], object]]
    clear_up: Callable[[], object] = lambda: None
    rounds: int
    steps: int = 1


def sample_schedule(
    schedule: Schedule,
    reference: Callable[[], object],
    *,
    clock: Clock,
    seed: int,
    watch: Callable[[], Counters] = Counters,
) -> ProcessSamples:
    """Run a schedule, each of its rounds beside a block of the reference; there is no warm-up.

    Args:
        schedule: What is run.
        reference: One unit of the reference work.
        clock: Reads CPU and wall time.
        seed: Seed of the order within the rounds.
        watch: Reads what disturbs this process; by default nothing is known of it.

    Returns:
        Readings per round: seconds per step and per unit of the reference. What prepares and clears up is not
        in them.
    """
    shuffle = random.Random(seed).random  # noqa: S311 - an order, not a secret
    unit = _reference_block(reference, clock)
    readings, disturbances = [], {}
    for number in range(schedule.rounds):
        step = Block(step=schedule.prepare(), count=schedule.steps)
        before, began_s = watch(), clock.read().wall_s
        readings.append(_round(step, unit, clock, step_first=shuffle() < 1 / 2))
        causes = disturbed_by(between(before, watch()), clock.read().wall_s - began_s)
        schedule.clear_up()
        if causes:
            disturbances[number] = causes
    return _samples(readings, disturbances, schedule.steps)


def sample_reading(reading: BlockReading, reference: Callable[[], object], *, clock: Clock) -> ProcessSamples:
    """Return samples of a step that was read already and cannot run again; the reference is read now.

    Args:
        reading: The step.
        reference: One unit of the reference work.
        clock: Reads CPU and wall time.
    """
    unit = _reference_block(reference, clock)
    return _samples([(reading, read_block(unit, clock))], {}, steps=1)


def _reference_block(reference: Callable[[], object], clock: Clock) -> Block:
    """Warm the reference up, and return a block that takes long enough to be read."""
    once = Block(step=reference, count=1)
    unit_s = min(read_block(once, clock).wall_s for _ in range(3))
    return Block(step=reference, count=max(1, math.ceil(_REFERENCE_S / max(unit_s, _LEAST_CPU_S))))


def _round(
    step: Block, reference: Block, clock: Clock, *, step_first: bool
) -> tuple[BlockReading, BlockReading]:
    if step_first:
        own = read_block(step, clock)
        return own, read_block(reference, clock)
    unit = read_block(reference, clock)
    return read_block(step, clock), unit


def _samples(
    readings: list[tuple[BlockReading, BlockReading]], spoilt: dict[int, tuple[str, ...]], steps: int
) -> ProcessSamples:
    references = tuple(max(unit.cpu_s, _LEAST_CPU_S) for _, unit in readings)
    for number in frequency_steps(references):
        spoilt[number] = (*spoilt.get(number, ()), "frequency")
    causes = [cause for each in spoilt.values() for cause in each]
    return ProcessSamples(
        process=0,
        steps_per_block=steps,
        step_cpu_s=tuple(max(own.cpu_s, _LEAST_CPU_S) for own, _ in readings),
        step_duration_s=tuple(own.wall_s for own, _ in readings),
        reference_cpu_s=references,
        voided=tuple(sorted(spoilt)),
        disturbances={cause: causes.count(cause) for cause in causes},
    )
