"""The sampler: turns steps into the samples of one process."""

import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pytest_energy.measurement.clock import Clock, measured_tick_s
from pytest_energy.measurement.interleave import Block, BlockReading, read_block, rounds
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.quality import Counters, between, disturbed_by
from pytest_energy.results.samples import ProcessSamples

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


def sample(  # noqa: PLR0913 - effects come in as arguments
    steps: Sequence[Callable[[], object]],
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
        steps: What is measured, each called without arguments.
        reference: One unit of the reference work.
        clock: Reads CPU and wall time.
        plan: Time, rounds and block sizes.
        process: Number of this process, kept with the samples.
        seed: Seed of the order of blocks.
        on_round: Called after each round with its number, from 1: a sign of life.
        permit: Asked before each round whether to take it; it must permit at least one. None permits rounds
            until the plan is fulfilled.
        watch: Reads what disturbs this process; by default nothing is known of it.

    Returns:
        The readings of this process for each step, which share rounds and reference; seconds per step and per
        unit of the reference.
    """
    started = clock.read().wall_s
    tick_s = measured_tick_s(clock)
    warm = [_warm_up(step, clock, plan, tick_s) for step in steps]
    longest_s = max(each.block_s for each in warm)
    reference_plan = replace(plan, block_s=max(plan.block_s, plan.reference_share * longest_s))
    reference_count = _warm_up(reference, clock, reference_plan, tick_s).steps_per_block
    blocks = [
        *(Block(step=step, count=each.steps_per_block) for step, each in zip(steps, warm, strict=True)),
        Block(step=reference, count=reference_count),
    ]
    kept: list[Sequence[BlockReading]] = []
    spoilt: dict[int, tuple[str, ...]] = {}
    permitted = permit or (lambda: not plan.is_fulfilled(len(kept), clock.read().wall_s - started))
    taken = rounds(blocks, clock, random.Random(seed))  # noqa: S311 - an order, not a secret
    while permitted():
        before, began_s = watch(), clock.read().wall_s
        kept.append(next(taken))
        disturbance = between(before, watch())
        if causes := disturbed_by(disturbance, clock.read().wall_s - began_s):
            spoilt[len(kept) - 1] = causes
        on_round(len(kept))
    *own, references = zip(*kept, strict=True)
    return tuple(
        replace(
            _samples(process, each, readings, references),
            voided=tuple(spoilt),
            disturbances=dict(Counter(cause for causes in spoilt.values() for cause in causes)),
        )
        for each, readings in zip(warm, own, strict=True)
    )


def _samples(
    process: int, warm: Warmup, own: Sequence[BlockReading], references: Sequence[BlockReading]
) -> ProcessSamples:
    return ProcessSamples(
        process=process,
        steps_per_block=warm.steps_per_block,
        step_cpu_s=tuple(max(each.cpu_s, _LEAST_CPU_S) for each in own),
        step_duration_s=tuple(each.wall_s for each in own),
        reference_cpu_s=tuple(max(each.cpu_s, _LEAST_CPU_S) for each in references),
        warmup_cpu_s=warm.cpu_s,
    )


def _warm_up(step: Callable[[], object], clock: Clock, plan: Plan, tick_s: float) -> Warmup:
    """Run blocks until they stop getting cheaper, or the plan's share of time is spent."""
    limit_s = clock.read().wall_s + plan.warmup_share * plan.time_s
    seen = [read_block(Block(step=step, count=1), clock)]
    while clock.read().wall_s < limit_s and not _settled(seen[1:]):
        count = plan.steps_per_block(_step_s(seen), tick_s)
        seen.append(read_block(Block(step=step, count=count), clock))
    count = plan.steps_per_block(_step_s(seen), tick_s)
    return Warmup(
        cpu_s=tuple(each.cpu_s for each in seen), steps_per_block=count, block_s=count * _step_s(seen)
    )


def _step_s(seen: list[BlockReading]) -> float:
    """Return the duration of a step: a busy neighbour only adds to it, so the shortest reading counts."""
    return min(each.wall_s for each in seen[-_WINDOW:])


def _settled(seen: list[BlockReading]) -> bool:
    if len(seen) < 2 * _WINDOW:
        return False
    costs = [each.cpu_s for each in seen[-2 * _WINDOW :]]
    return statistics.median(costs[_WINDOW:]) >= _SETTLED * statistics.median(costs[:_WINDOW])
