import random
from dataclasses import replace
from itertools import islice

from pytest_energy.measurement.clock import FakeClock, Reading
from pytest_energy.measurement.interleave import Block, read_block, rounds


def seeded(seed):
    return random.Random(seed)  # noqa: S311 - an order, not a secret


def test_a_reading_is_per_step():
    clock = FakeClock(tick_s=0)
    reading = read_block(Block(step=lambda: clock.advance(2.0, wall_s=3.0), count=4), clock)
    assert (reading.cpu_s, reading.wall_s) == (2.0, 3.0)


def test_the_clock_is_read_twice_per_block_however_many_steps():
    clock = FakeClock()
    read_block(Block(step=lambda: None, count=1000), clock)
    assert clock.readings == 2


def test_what_was_spent_on_feeding_is_told_per_step_and_of_this_block_alone():
    clock, spent = FakeClock(tick_s=0), [Reading(1.0, 1.0)]

    def step():
        spent[0] = Reading(spent[0].cpu_s + 0.5, spent[0].wall_s + 0.75)
        clock.advance(2.0)

    block = Block(step=step, count=4, fetched=lambda: spent[0])
    assert read_block(block, clock).fetch == Reading(0.5, 0.75)
    assert read_block(replace(block, pace_s=3.0), clock).fetch == Reading(0.5, 0.75)
    assert read_block(Block(step=step, count=1), clock).fetch == Reading(0.0, 0.0)


def test_every_round_runs_every_block_once_in_an_order_that_favours_nobody():
    clock, ran = FakeClock(), []
    blocks = [Block(step=lambda name=name: ran.append(name), count=1) for name in "ab"]
    for readings in islice(rounds(blocks, clock, seeded(1)), 200):
        assert len(readings) == 2
    firsts = ran[::2]
    assert all({first, second} == {"a", "b"} for first, second in zip(firsts, ran[1::2], strict=True))
    assert 70 <= firsts.count("a") <= 130


def test_readings_come_in_the_order_of_the_blocks():
    clock = FakeClock(tick_s=0)
    blocks = [Block(step=lambda cost=cost: clock.advance(cost), count=1) for cost in (1.0, 2.0, 3.0)]
    for readings in islice(rounds(blocks, clock, seeded(3)), 20):
        assert [reading.cpu_s for reading in readings] == [1.0, 2.0, 3.0]


def test_the_order_depends_on_the_seed_alone():
    def order(seed):
        ran = []
        blocks = [Block(step=lambda name=name: ran.append(name), count=1) for name in "abc"]
        list(islice(rounds(blocks, FakeClock(), seeded(seed)), 10))
        return ran

    assert order(5) == order(5)
    assert order(5) != order(6)
