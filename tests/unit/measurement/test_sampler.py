from itertools import pairwise

import pytest

from pytest_energy.measurement.clock import FakeClock, Reading
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.quality import Counters
from pytest_energy.measurement.sampler import sample
from pytest_energy.measurement.step import Step


class Machine:
    """A step and a reference that take the time they are given, on a clock that nothing else moves."""

    def __init__(self, step_s, reference_s=1e-3, tick_s=1e-9):
        self.clock = FakeClock(tick_s=tick_s)
        self.steps = 0
        self._step_s = step_s if callable(step_s) else lambda _: step_s
        self._reference_s = reference_s

    def step(self):
        self.steps += 1
        self.clock.advance(self._step_s(self.steps))

    def reference(self):
        self.clock.advance(self._reference_s)

    def sample(self, **options):
        options = {"clock": self.clock, "plan": Plan(), "process": 3, "seed": 3} | options
        return sample([self.step], self.reference, **options)[0]


def test_readings_are_per_step_and_per_unit_of_the_reference():
    samples = Machine(step_s=2e-3, reference_s=0.5e-3).sample()
    assert samples.process == 3
    assert samples.step_cpu_s == pytest.approx([2e-3] * len(samples.step_cpu_s), rel=1e-3)
    assert samples.step_duration_s == pytest.approx([2e-3] * len(samples.step_cpu_s), rel=1e-3)
    assert samples.reference_cpu_s == pytest.approx([0.5e-3] * len(samples.step_cpu_s), rel=1e-3)


@pytest.mark.parametrize(("step_s", "steps"), [(2e-6, 2000), (1e-3, 4), (0.03, 1)])
def test_blocks_last_as_long_as_the_plan_wants(step_s, steps):
    assert Machine(step_s=step_s).sample().steps_per_block == pytest.approx(steps, rel=0.01)


def test_what_a_step_spent_on_being_fed_is_kept_round_by_round():
    machine, spent = Machine(step_s=2e-3), [0.0]

    def step():
        machine.step()
        spent[0] += 5e-4

    fed = Step(run=step, fetched=lambda: Reading(spent[0], 2 * spent[0]))
    (samples,) = sample([fed], machine.reference, clock=machine.clock, plan=Plan(), process=0, seed=0)
    assert samples.fetch_cpu_s == pytest.approx([5e-4] * len(samples.step_cpu_s))
    assert samples.fetch_duration_s == pytest.approx([1e-3] * len(samples.step_cpu_s))
    assert machine.sample().fetch_cpu_s == ()


def test_a_coarse_clock_gets_longer_blocks():
    assert Machine(step_s=1e-3, tick_s=1e-4).sample().steps_per_block == pytest.approx(20, rel=0.2)


def test_sampling_ends_when_the_time_is_spent():
    machine = Machine(step_s=1e-3)
    samples = machine.sample(plan=Plan(time_s=0.5))
    assert machine.clock.wall_s == pytest.approx(0.5, abs=0.02)
    assert len(samples.step_cpu_s) == len(samples.reference_cpu_s) == len(samples.step_duration_s)


def test_a_very_slow_step_is_run_once_to_warm_up_and_in_a_few_rounds():
    machine = Machine(step_s=30.0)
    samples = machine.sample()
    assert machine.steps == 1 + Plan().least_rounds
    assert len(samples.step_cpu_s) == Plan().least_rounds


def test_a_slow_step_is_normalised_by_more_than_milliseconds_of_reference():
    machine = Machine(step_s=1.0, reference_s=1e-3)
    before = machine.clock.wall_s
    machine.sample()
    reference_s = machine.clock.wall_s - before - machine.steps * 1.0
    assert reference_s >= Plan().least_rounds * 0.1


def test_rounds_are_not_taken_for_ever():
    samples = Machine(step_s=1e-3).sample(plan=Plan(time_s=1e9, most_rounds=40))
    assert len(samples.step_cpu_s) == 40


def test_what_warms_up_is_discarded_and_kept_apart():
    samples = Machine(step_s=lambda number: 1e-3 * (1 + 9 * (number <= 3))).sample()
    assert max(samples.step_cpu_s) == pytest.approx(1e-3, rel=1e-3)
    assert samples.warmup_cpu_s[0] == pytest.approx(10e-3, rel=1e-3)


def test_a_step_that_never_settles_spends_a_share_of_the_time_on_warming_up():
    machine = Machine(step_s=lambda number: 1e-3 * 0.97**number + 1e-5)
    samples = machine.sample(plan=Plan(time_s=0.2, warmup_share=0.3))
    assert sum(samples.warmup_cpu_s) < 0.2
    assert len(samples.step_cpu_s) >= Plan().least_rounds


def test_a_disturbed_block_at_the_end_of_the_warm_up_does_not_shrink_the_others():
    # The neighbour strikes in the last block before the warm-up settles: it takes five times as long.
    machine = Machine(step_s=lambda number: 5e-3 if 22 <= number <= 25 else 1e-3)
    assert machine.sample().steps_per_block == 4


def test_a_step_that_the_clock_cannot_see_still_costs_something():
    clock = FakeClock(tick_s=0)
    (samples,) = sample(
        [lambda: clock.advance(0.0, wall_s=1e-3)],
        lambda: clock.advance(1e-3),
        clock=clock,
        plan=Plan(time_s=0.1),
        process=0,
        seed=0,
    )
    assert min(samples.step_cpu_s) > 0


def test_every_round_is_announced():
    heard = []
    samples = Machine(step_s=1e-3).sample(on_round=heard.append)
    assert heard == list(range(1, len(samples.step_cpu_s) + 1))


def test_what_a_step_raises_is_not_swallowed():
    def broken():
        raise RuntimeError("out of service")

    with pytest.raises(RuntimeError, match="out of service"):
        sample([broken], lambda: None, clock=FakeClock(), plan=Plan(), process=0, seed=0)


class TestPermission:
    """Where another decides when a round is taken, as in a pair of workers that take turns."""

    def test_there_are_as_many_rounds_as_are_permitted(self):
        answers = iter([True] * 7 + [False])
        samples = Machine(step_s=1e-3).sample(plan=Plan(time_s=0.01), permit=lambda: next(answers))
        assert len(samples.step_cpu_s) == 7

    def test_permission_is_asked_before_each_round_and_after_the_warm_up(self):
        machine = Machine(step_s=1e-3)
        steps_before = []

        def permit():
            steps_before.append(machine.steps)
            return len(steps_before) <= 3

        samples = machine.sample(permit=permit)
        assert steps_before[0] == len(samples.warmup_cpu_s) * 4 - 3  # the first block is a single step
        assert [after - before for before, after in pairwise(steps_before)] == [4, 4, 4]

    def test_what_passes_while_it_waits_is_not_billed(self):
        machine = Machine(step_s=1e-3)
        asked = []

        def permit():
            machine.clock.advance(5.0)  # the other one runs
            asked.append(1)
            return len(asked) <= 5

        samples = machine.sample(permit=permit)
        assert samples.step_cpu_s == pytest.approx([1e-3] * 5, rel=1e-3)
        assert samples.reference_cpu_s == pytest.approx([1e-3] * 5, rel=1e-3)


def test_rounds_in_which_the_process_waited_are_numbered_and_counted():
    machine = Machine(step_s=1e-3)
    waits = iter([0.0, 0.0, 0.0, 5.0, 5.0, 5.0])  # before and after each round: the second one waits for 5 s

    def watch():
        return Counters(wait_s=next(waits, 5.0))

    samples = machine.sample(watch=watch)
    assert samples.voided == (1,)
    assert samples.disturbances == {"wait": 1}


def test_without_a_watch_nothing_is_voided():
    assert Machine(step_s=1e-3).sample().voided == ()


def test_rounds_in_which_the_reference_was_slow_are_voided():
    clock = FakeClock(tick_s=1e-9)
    calls = iter(range(1_000_000))
    slow = range(100, 140)
    samples = sample(
        [lambda: clock.advance(1e-3)],
        lambda: clock.advance(2e-3 if next(calls) in slow else 1e-3),
        clock=clock,
        plan=Plan(),
        process=0,
        seed=0,
    )[0]
    dearer = [number for number, each in enumerate(samples.reference_cpu_s) if each > 1.15e-3]
    assert dearer
    assert samples.voided == tuple(dearer)
    assert samples.disturbances == {"frequency": len(dearer)}


class TestFeeds:
    """One model with several feeds: rounds take them in turns."""

    def sample(self, costs_s, **plan):
        clock = FakeClock(tick_s=1e-9)
        first, *others = [lambda cost_s=cost_s: clock.advance(cost_s) for cost_s in costs_s]
        step = Step(run=first, others=tuple(others))
        return sample([step], lambda: clock.advance(1e-3), clock=clock, plan=Plan(**plan), process=0, seed=0)[
            0
        ]

    def test_round_after_round_another_one_is_run(self):
        samples = self.sample([1e-3, 2e-3, 3e-3])
        assert samples.feeds == 3
        assert samples.step_cpu_s[:6] == pytest.approx([1e-3, 2e-3, 3e-3] * 2, rel=1e-3)

    def test_each_has_its_turn_even_of_a_slow_model(self):
        assert len(self.sample([3.0] * 7, time_s=0.1).step_cpu_s) == 7

    def test_a_block_is_no_longer_for_them(self):
        assert self.sample([1e-3] * 4).steps_per_block == self.sample([1e-3]).steps_per_block
