import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.interleave import BlockReading
from pytest_energy.measurement.schedule import Schedule, sample_reading, sample_schedule


class Work:
    """A step that takes 2 ms, prepared in 5 ms, on a clock that nothing else moves."""

    def __init__(self):
        self.clock = FakeClock(tick_s=1e-9)
        self.done = []

    def prepare(self):
        self.clock.advance(5e-3)
        self.done.append("prepared")
        return self.step

    def step(self):
        self.clock.advance(2e-3)
        self.done.append("step")

    def clear_up(self):
        self.clock.advance(7e-3)
        self.done.append("cleared up")

    def reference(self):
        self.clock.advance(1e-3)


@pytest.mark.parametrize("steps", [1, 3])
def test_every_round_is_prepared_and_cleared_up_and_neither_is_measured(steps):
    work = Work()
    schedule = Schedule(prepare=work.prepare, clear_up=work.clear_up, rounds=4, steps=steps)
    samples = sample_schedule(schedule, work.reference, clock=work.clock, seed=1)
    assert work.done == ["prepared", *["step"] * steps, "cleared up"] * 4
    assert samples.step_cpu_s == pytest.approx([2e-3] * 4)
    assert samples.step_duration_s == pytest.approx([2e-3] * 4)
    assert samples.reference_cpu_s == pytest.approx([1e-3] * 4)
    assert samples.steps_per_block == steps


def test_a_reading_that_cannot_be_repeated_gets_a_reference():
    work = Work()
    samples = sample_reading(BlockReading(cpu_s=3.0, wall_s=4.0), work.reference, clock=work.clock)
    assert work.done == []
    assert (samples.step_cpu_s, samples.step_duration_s) == ((3.0,), (4.0,))
    assert samples.reference_cpu_s == pytest.approx([1e-3])
