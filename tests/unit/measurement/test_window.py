"""Windows in which nothing but steps runs, on a clock that moves only when it is told to."""

import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.step import Step
from pytest_energy.measurement.window import run_window


def test_a_window_holds_whole_steps_and_lasts_long_enough():
    clock = FakeClock(tick_s=0)
    window = run_window(Step(run=lambda: clock.advance(0.3, 0.4)), 1.0, clock)
    assert (window.steps, window.duration_s, window.cpu_s) == (3, pytest.approx(1.2), pytest.approx(0.9))


def test_a_step_that_is_longer_than_the_window_runs_once():
    clock = FakeClock(tick_s=0)
    assert run_window(Step(run=lambda: clock.advance(9.0)), 1.0, clock).steps == 1


def test_a_window_without_length_still_has_a_step():
    clock = FakeClock(tick_s=0)
    assert run_window(Step(run=lambda: None), 0.0, clock).steps == 1


def test_a_device_is_waited_for_before_the_window_and_at_its_end():
    clock = FakeClock(tick_s=0)
    waited = []

    def synchronize():
        waited.append(clock.wall_s)
        clock.advance(0.0, 0.5)

    window = run_window(Step(run=lambda: clock.advance(0.4), synchronize=synchronize), 1.0, clock)
    assert waited == [0.0, pytest.approx(0.5 + 1.2)]
    assert window.duration_s == pytest.approx(1.2 + 0.5)


def test_paced_steps_bring_their_waits_along():
    clock = FakeClock(tick_s=0, spinning=1.0)
    window = run_window(Step(run=lambda: clock.advance(2e-3), pace_s=0.1), 1.0, clock)
    assert (window.steps, window.duration_s) == (10, pytest.approx(1.0))
    assert window.cpu_s == pytest.approx(1.0)
