import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.sampler import sample


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
