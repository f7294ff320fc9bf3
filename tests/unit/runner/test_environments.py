import random
from collections import Counter

import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.runner.environments import take_turns


class FakeSide:
    """A side that writes down what it is told, on a clock that only it moves."""

    def __init__(self, name, log, clock, round_s=0.01, warm_s=0.05):
        self.name = name
        self._log = log
        self._clock = clock
        self._round_s = round_s
        self._warm_s = warm_s

    def warm_up(self, clock):
        before = clock.read().wall_s
        self._tell("warm up", self._warm_s)
        return clock.read().wall_s - before

    def take_round(self):
        self._tell("round", self._round_s)

    def stop(self):
        self._tell("stop", 0.0)

    def _tell(self, what, took_s):
        self._clock.advance(took_s)
        self._log.append((self.name, what))


@pytest.fixture
def turns():
    """A factory: let two sides take turns; return what happened and when it ended."""

    def run(plan=None, seed=0, **times):
        log, clock = [], FakeClock()
        sides = [FakeSide(name, log, clock, **times) for name in ("new", "old")]
        take_turns(sides, plan or Plan(time_s=0.5), seed=seed, clock=clock)
        return log, clock.wall_s

    return run


def rounds_of(log):
    """Who went first and who second, round by round."""
    names = [name for name, what in log if what == "round"]
    return list(zip(names[::2], names[1::2], strict=True))


def test_both_are_warm_before_the_first_round_and_stopped_after_the_last(turns):
    log, _ = turns()
    kinds = [what for _, what in log]
    assert kinds == ["warm up"] * 2 + ["round"] * (len(log) - 4) + ["stop"] * 2
    assert {name for name, _ in log[:2]} == {name for name, _ in log[-2:]} == {"new", "old"}


def test_each_round_has_one_turn_of_each(turns):
    log, _ = turns()
    assert all({first, second} == {"new", "old"} for first, second in rounds_of(log))


def test_the_time_of_the_plan_is_for_both_with_their_warm_up(turns):
    log, ended_s = turns(Plan(time_s=0.5))
    assert ended_s == pytest.approx(0.5, abs=0.02)
    assert len(rounds_of(log)) == 20


def test_slow_rounds_are_few_and_fast_ones_have_an_end(turns):
    slow, _ = turns(Plan(time_s=0.1, least_rounds=3), round_s=9.0)
    fast, _ = turns(Plan(time_s=1e9, most_rounds=40))
    assert (len(rounds_of(slow)), len(rounds_of(fast))) == (3, 40)


def test_the_order_is_drawn_anew_and_is_that_of_the_seed(turns):
    orders = [rounds_of(turns(seed=seed)[0]) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert set(Counter(first for first, _ in orders[0])) == {"new", "old"}


@pytest.mark.parametrize("lag", [-1, 0, 1])
def test_whose_turn_is_first_tells_nothing_of_which_block_the_workers_run_first(turns, lag):
    # They draw it from the same number: what is alike would favour one side.
    alike = []
    for seed in range(100):
        firsts = [first == "new" for first, _ in rounds_of(turns(seed=seed)[0])]
        blocks, shuffle = [0, 1], random.Random(seed).shuffle  # noqa: S311 - as the workers do
        for number in range(1, len(firsts) - 1):
            shuffle(blocks)
            alike.append(firsts[number + lag - 1] == (blocks[0] == 0))
    assert sum(alike) / len(alike) == pytest.approx(0.5, abs=0.05)


def test_pairs_alternate_in_who_loads_first(turns):
    assert [turns(seed=seed)[0][0][0] for seed in range(4)] == ["new", "old", "new", "old"]


def test_of_several_each_loads_first_in_its_turn():
    firsts = []
    for seed in range(6):
        log, clock = [], FakeClock()
        sides = [FakeSide(name, log, clock) for name in "abc"]
        take_turns(sides, Plan(time_s=0.5), seed=seed, clock=clock)
        firsts.append(log[0][0])
        rounds = Counter(name for name, what in log if what == "round")
        assert len(set(rounds.values())) == 1
    assert firsts == list("abcabc")
