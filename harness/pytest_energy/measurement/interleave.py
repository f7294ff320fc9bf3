"""Interleaving: what is compared runs in the same milliseconds, in an order that favours nobody."""

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_energy.measurement.clock import Clock, Reading
from pytest_energy.measurement.paced import run_paced, settle

NOTHING = Reading(0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Steps that are timed together.

    Attributes:
        step: What is run.
        others: The same step with other feeds. The blocks of a row take all in turns, so that a block costs
            no more for them, and readings of one feed can be told from those of another.
        count: How often per block.
        synchronize: Waits until a device has done all that it was given; called before both readings.
        pace_s: Time from one arrival to the next in s; None where steps follow each other at once.
        fetched: Tells how much of the time of all runs so far was spent on making what is fed.
    """

    step: Callable[[], object]
    others: Sequence[Callable[[], object]] = ()
    count: int
    synchronize: Callable[[], object] = lambda: None
    pace_s: float | None = None
    fetched: Callable[[], Reading] = lambda: NOTHING

    def turn(self, number: int) -> Callable[[], object]:
        """Return what the block with this number in its row runs."""
        return (self.step, *self.others)[number % (1 + len(self.others))]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReading:
    """One block, read.

    Attributes:
        cpu_s: CPU time per step; of a paced one, the wait after it included.
        wall_s: Wall time per step; of a paced one, from its arrival to its end.
        fetch: What of these was spent on making what is fed.
    """

    cpu_s: float
    wall_s: float
    fetch: Reading = NOTHING


def read_block(block: Block, clock: Clock, number: int = 0) -> BlockReading:
    """Run one block and return its time per step.

    Args:
        block: What is run.
        clock: Reads CPU and wall time.
        number: Number of the block in its row, which tells whose turn it is.
    """
    step, count = block.turn(number), block.count
    if block.pace_s is not None:
        return _read_paced_block(block, step, block.pace_s, clock)
    repeats = range(count)
    fetched = block.fetched()
    block.synchronize()
    before = clock.read()
    for _ in repeats:
        step()
    block.synchronize()
    after = clock.read()
    own = _per_step(before, after, count)
    return BlockReading(cpu_s=own.cpu_s, wall_s=own.wall_s, fetch=_per_step(fetched, block.fetched(), count))


def _per_step(before: Reading, after: Reading, count: int) -> Reading:
    return Reading((after.cpu_s - before.cpu_s) / count, (after.wall_s - before.wall_s) / count)


def _read_paced_block(block: Block, step: Callable[[], object], pace_s: float, clock: Clock) -> BlockReading:
    def run() -> None:
        step()
        block.synchronize()

    fetched = block.fetched()
    cpu_s, wall_s = run_paced(run, pace_s, block.count, clock)
    fetch = _per_step(fetched, block.fetched(), block.count + 1)  # one more runs than are read
    settle(clock)
    return BlockReading(cpu_s=cpu_s, wall_s=wall_s, fetch=fetch)


def rounds(blocks: Sequence[Block], clock: Clock, shuffle: random.Random) -> Iterator[Sequence[BlockReading]]:
    """Yield rounds without end; in each, every block runs once, in a fresh random order.

    Readings come in the order of ``blocks``, whatever the order in which they were taken.
    """
    order = list(range(len(blocks)))
    for turn in itertools.count():
        shuffle.shuffle(order)
        taken = {number: read_block(blocks[number], clock, turn) for number in order}
        yield [taken[number] for number in range(len(blocks))]
