"""Interleaving: what is compared runs in the same milliseconds, in an order that favours nobody."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_energy.measurement.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Steps that are timed together.

    Attributes:
        step: What is run.
        count: How often per block.
    """

    step: Callable[[], object]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockReading:
    """One block, read.

    Attributes:
        cpu_s: CPU time per step.
        wall_s: Wall time per step.
    """

    cpu_s: float
    wall_s: float


def read_block(block: Block, clock: Clock) -> BlockReading:
    """Run one block and return its time per step."""
    step, count = block.step, block.count
    repeats = range(count)
    before = clock.read()
    for _ in repeats:
        step()
    after = clock.read()
    return BlockReading(
        cpu_s=(after.cpu_s - before.cpu_s) / count, wall_s=(after.wall_s - before.wall_s) / count
    )


def rounds(blocks: Sequence[Block], clock: Clock, shuffle: random.Random) -> Iterator[Sequence[BlockReading]]:
    """Yield rounds without end; in each, every block runs once, in a fresh random order.

    Readings come in the order of ``blocks``, whatever the order in which they were taken.
    """
    order = list(range(len(blocks)))
    while True:
        shuffle.shuffle(order)
        taken = {number: read_block(blocks[number], clock) for number in order}
        yield [taken[number] for number in range(len(blocks))]
