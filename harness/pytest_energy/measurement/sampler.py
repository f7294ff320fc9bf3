"""The sampler: turns steps into the samples of one process."""

import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pytest_energy.measurement.clock import Clock, measured_tick_s
from pytest_energy.measurement.frequency import frequency_steps
from pytest_energy.measurement.interleave import NOTHING, Block, BlockReading, read_block, rounds
from pytest_energy.measurement.paced import paced_steps, settle
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.quality import Counters, between, disturbed_by
from pytest_energy.measurement.step import Step
from pytest_energy.results.samples import ProcessSamples, Signal

_SETTLED = 0.98  # a window that is less than 2 % cheaper than the one before it has stopped warming up
_WINDOW = 3  # blocks in a window of the warm-up
_LEAST_CPU_S = 1e-9  # a step that the clock cannot see still costs something: ratios must stay finite


@dataclass(frozen=True, slots=True, kw_only=True)
class Warmup:
    """What the warm-up found.

    Attributes:
        cpu_s: CPU time per step of every block that was discarded.
        steps_per_block: The size of block that the plan asks for at the speed found.
        block_s: How long such a block takes.
    """

    cpu_s: tuple[float, ...]
    steps_per_block: int
    block_s: float


@dataclass(slots=True, kw_only=True)
class Taken:
    """The rounds that were taken so far.

    Attributes:
        readings: Per round, one reading per step and that of the reference last.
        spoilt: By the number of a round that was disturbed, by what.
    """

    readings: list[Sequence[BlockReading]] = field(default_factory=list)
    spoilt: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def add(self, readings: Sequence[BlockReading], causes: tuple[str, ...]) -> None:
        """Add one round."""
        if causes:
            self.spoilt[len(self.readings)] = causes
        self.readings.append(readings)

    def samples(self, process: int, number: int, warm: Warmup, step: Step) -> ProcessSamples:
        """Return the samples of one step, by its number."""
        own = [readings[number] for readings in self.readings]
        references = [max(readings[-1].cpu_s, _LEAST_CPU_S) for readings in self.readings]
        spoilt = dict(self.spoilt)
        for each in frequency_steps(references):
            spoilt[each] = (*spoilt.get(each, ()), "frequency")
        return ProcessSamples(
            process=process,
            steps_per_block=warm.steps_per_block,
            feeds=_feeds(step),
            step_cpu_s=tuple(max(each.cpu_s, _LEAST_CPU_S) for each in own),
            step_duration_s=tuple(each.wall_s for each in own),
            reference_cpu_s=tuple(references),
            warmup_cpu_s=warm.cpu_s,
            voided=tuple(sorted(spoilt)),
            disturbances=dict(Counter(cause for causes in spoilt.values() for cause in causes)),
            fetch_cpu_s=tuple(each.fetch.cpu_s for each in own) if step.fetched else (),
            fetch_duration_s=tuple(each.fetch.wall_s for each in own) if step.fetched else (),
        )


def sample(  # noqa: PLR0913 - effects come in as arguments
    steps: Sequence[Step | Callable[[], object]],
    reference: Callable[[], object],
    *,
    clock: Clock,
    plan: Plan,
    process: int,
    seed: int,
    on_round: Callable[[int], object] = lambda _: None,
    permit: Callable[[], bool] | None = None,
    watch: Callable[[], Counters] = Counters,
) -> tuple[ProcessSamples, ...]:
    """Warm up, then alternate blocks of all steps and of the reference as long as it is permitted.

    Args:
        steps: What is measured. A bare callable is a step of the processor, which is done when it returns.
        reference: One unit of the reference work.
        clock: Reads CPU and wall time.
        plan: Time, rounds and block sizes.
        process: Number of this process, kept with the samples.
        seed: Seed of the order of blocks.
        on_round: Called after each round with its number, from 1: a sign of life.
        permit: Asked before each round whether to take it. None permits rounds until the plan is fulfilled.
        watch: Reads what disturbs this process; by default nothing is known of it.

    Returns:
        The readings of this process for each step, which share rounds and reference; seconds per step and per
        unit of the reference.
    """
    started = clock.read().wall_s
    own = [each if isinstance(each, Step) else Step(run=each) for each in steps]
    warm, blocks = _prepared(own, reference, clock, plan)
    taken = Taken()
    plan = replace(plan, least_rounds=max(plan.least_rounds, *map(_feeds, own)))  # every feed has its turn
    permitted = permit or (lambda: not plan.is_fulfilled(len(taken.readings), clock.read().wall_s - started))
    following = rounds(blocks, clock, random.Random(seed))  # noqa: S311 - an order, not a secret
    while permitted():
        before, began_s = watch(), clock.read().wall_s
        readings = next(following)
        disturbance = between(before, watch())
        taken.add(readings, disturbed_by(disturbance, clock.read().wall_s - began_s))
        on_round(len(taken.readings))
    return tuple(taken.samples(process, number, each, own[number]) for number, each in enumerate(warm))


def _feeds(step: Step) -> int:
    return 1 + len(step.others)


def _prepared(
    steps: Sequence[Step], reference: Callable[[], object], clock: Clock, plan: Plan
) -> tuple[list[Warmup], list[Block]]:
    """Warm up, and return the blocks of a round, that of the reference last."""
    tick_s = measured_tick_s(clock)
    warm = [_warm_up(step, clock, plan, tick_s) for step in steps]
    longest_s = max(each.block_s for each in warm)
    reference_plan = replace(plan, block_s=max(plan.block_s, plan.reference_share * longest_s))
    reference_count = _warm_up(Step(run=reference), clock, reference_plan, tick_s).steps_per_block
    own = [
        replace(_block(step, each.steps_per_block), pace_s=step.pace_s)
        for step, each in zip(steps, warm, strict=True)
    ]
    return warm, [*own, Block(step=reference, count=reference_count)]


def _block(step: Step, count: int) -> Block:
    return Block(
        step=step.run,
        others=step.others,
        count=count,
        synchronize=step.synchronize,
        fetched=step.fetched or (lambda: NOTHING),
    )


def _warm_up(step: Step, clock: Clock, plan: Plan, tick_s: float) -> Warmup:
    """Run blocks, without any pace, until they stop getting cheaper or the plan's share of time is spent."""
    limit_s = clock.read().wall_s + plan.warmup_share * plan.time_s
    seen = [read_block(_block(step, 1), clock)]
    while clock.read().wall_s < limit_s and not _settled(seen[1:], step.signal):
        count = plan.steps_per_block(_step_s(seen), tick_s)
        seen.append(read_block(_block(step, count), clock, len(seen)))
    cpu_s = tuple(each.cpu_s for each in seen)
    if step.pace_s is not None:
        settle(clock)
        count = paced_steps(step.pace_s)
        return Warmup(cpu_s=cpu_s, steps_per_block=count, block_s=count * step.pace_s)
    count = plan.steps_per_block(_step_s(seen), tick_s)
    return Warmup(cpu_s=cpu_s, steps_per_block=count, block_s=count * _step_s(seen))


def _step_s(seen: list[BlockReading]) -> float:
    """Return the duration of a step: a busy neighbour only adds to it, so the shortest reading counts."""
    return min(each.wall_s for each in seen[-_WINDOW:])


def _settled(seen: list[BlockReading], signal: Signal) -> bool:
    if len(seen) < 2 * _WINDOW:
        return False
    costs = [each.cpu_s if signal == "cpu" else each.wall_s for each in seen[-2 * _WINDOW :]]
    return statistics.median(costs[_WINDOW:]) >= _SETTLED * statistics.median(costs[:_WINDOW])
