"""Arrivals at a fixed pace, on a clock that moves only when it is told to."""

import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.interleave import Block, read_block
from pytest_energy.measurement.paced import paced_steps, run_paced, settle
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.sampler import sample
from pytest_energy.measurement.step import Step

PACE_S = 20e-3


@pytest.mark.parametrize(("pace_s", "steps"), [(1e-3, 100), (20e-3, 5), (100e-3, 2), (10.0, 2)])
def test_a_block_holds_a_tenth_of_a_second_or_two_steps(pace_s, steps):
    assert paced_steps(pace_s) == steps


def test_where_threads_sleep_the_wait_costs_nothing():
    clock = FakeClock(tick_s=0)
    cpu_s, latency_s = run_paced(lambda: clock.advance(2e-3), PACE_S, 5, clock)
    assert cpu_s == pytest.approx(2e-3)
    assert latency_s == pytest.approx(2e-3)


def test_a_thread_that_spins_is_billed_for_the_wait():
    clock = FakeClock(tick_s=0, spinning=1.0)
    cpu_s, latency_s = run_paced(lambda: clock.advance(2e-3), PACE_S, 5, clock)
    assert cpu_s == pytest.approx(PACE_S)
    assert latency_s == pytest.approx(2e-3)


def test_the_step_before_the_first_arrival_is_not_billed():
    clock = FakeClock(tick_s=0)
    costs = iter([15e-3, 1e-3, 1e-3, 1e-3])
    assert run_paced(lambda: clock.advance(next(costs)), PACE_S, 3, clock)[0] == pytest.approx(1e-3)


def test_arrivals_keep_their_times_however_long_a_step_takes():
    clock = FakeClock(tick_s=0)
    arrivals = []

    def run():
        arrivals.append(clock.wall_s)
        clock.advance(3e-3 * len(arrivals))

    run_paced(run, PACE_S, 3, clock)
    assert arrivals == pytest.approx([0.0, PACE_S, 2 * PACE_S, 3 * PACE_S])


def test_a_step_that_arrives_while_another_runs_waits_for_it():
    clock = FakeClock(tick_s=0)
    costs = iter([1e-3, 30e-3, 1e-3, 1e-3])
    _, latency_s = run_paced(lambda: clock.advance(next(costs)), PACE_S, 3, clock)
    assert latency_s == pytest.approx((30e-3 + 11e-3 + 1e-3) / 3)


class ThreadsThatPark(FakeClock):
    """Threads that spin for 30 ms and then sleep."""

    def wait_until(self, wall_s):
        super().wait_until(wall_s)
        if self.wall_s >= 30e-3:
            self.spinning = 0.0


def test_between_blocks_one_waits_until_nothing_spins():
    clock = ThreadsThatPark(tick_s=0, spinning=1.0)
    settle(clock)
    assert clock.wall_s == pytest.approx(35e-3)


def test_threads_that_never_stop_spinning_are_not_waited_for_for_ever():
    clock = FakeClock(tick_s=0, spinning=1.0)
    settle(clock)
    assert clock.wall_s == pytest.approx(0.5, abs=0.01)


def test_a_paced_block_is_synchronised_within_each_step():
    clock = FakeClock(tick_s=0)
    block = Block(
        step=lambda: clock.advance(1e-3),
        synchronize=lambda: clock.advance(0.0, 4e-3),
        count=3,
        pace_s=PACE_S,
    )
    reading = read_block(block, clock)
    assert (reading.cpu_s, reading.wall_s) == (pytest.approx(1e-3), pytest.approx(5e-3))


@pytest.mark.parametrize(("spinning", "cpu_s"), [(0.0, 2e-3), (1.0, PACE_S)])
def test_a_paced_step_is_sampled_beside_the_reference(spinning, cpu_s):
    clock = FakeClock(tick_s=1e-9, spinning=spinning)
    (samples,) = sample(
        [Step(run=lambda: clock.advance(2e-3), pace_s=PACE_S)],
        lambda: clock.advance(1e-3),
        clock=clock,
        plan=Plan(time_s=2.0),
        process=0,
        seed=0,
    )
    assert samples.steps_per_block == 5
    assert samples.step_cpu_s == pytest.approx([cpu_s] * len(samples.step_cpu_s), rel=1e-3)
    assert samples.step_duration_s == pytest.approx([2e-3] * len(samples.step_cpu_s), rel=1e-3)
    assert samples.reference_cpu_s == pytest.approx([1e-3] * len(samples.step_cpu_s), rel=1e-3)


def test_the_warm_up_does_not_wait_for_arrivals():
    clock = FakeClock(tick_s=1e-9)
    (samples,) = sample(
        [Step(run=lambda: clock.advance(2e-3), pace_s=10.0)],
        lambda: clock.advance(1e-3),
        clock=clock,
        plan=Plan(time_s=0.5),
        process=0,
        seed=0,
    )
    assert len(samples.step_cpu_s) == Plan().least_rounds
    assert clock.wall_s == pytest.approx(Plan().least_rounds * 3 * 10.0, rel=0.1)
