"""A device that works on its own while the processor goes on: what is read of it, and what is gated."""

from dataclasses import replace

import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.sampler import sample
from pytest_energy.measurement.step import Step
from pytest_energy.statistics.process_estimate import estimate_process


class Device:
    """A queue that the processor fills in no time and that the device empties in its own."""

    def __init__(self, step_s, launch_s=10e-6):
        self.clock = FakeClock(tick_s=1e-9)
        self._step_s = step_s if callable(step_s) else lambda _: step_s
        self._launch_s = launch_s
        self._steps = 0
        self._done_at_s = 0.0

    def launch(self):
        self._steps += 1
        self.clock.advance(self._launch_s)
        self._done_at_s = max(self._done_at_s, self.clock.wall_s) + self._step_s(self._steps)

    def synchronize(self):
        self.clock.wait_until(self._done_at_s)

    def sample(self, step=None, **options):
        step = step or Step(run=self.launch, synchronize=self.synchronize, signal="device")
        options = {"clock": self.clock, "plan": Plan(time_s=0.5), "process": 0, "seed": 0} | options
        return sample([step], lambda: self.clock.advance(1e-3), **options)[0]


def test_a_block_ends_when_the_device_is_done():
    samples = Device(step_s=1e-3).sample()
    assert samples.step_duration_s == pytest.approx([1e-3] * len(samples.step_duration_s), rel=0.02)
    assert samples.step_cpu_s == pytest.approx([10e-6] * len(samples.step_cpu_s), rel=0.01)


def test_without_synchronisation_only_the_launch_would_be_read():
    device = Device(step_s=1e-3)
    samples = device.sample(Step(run=device.launch, signal="device"))
    assert max(samples.step_duration_s) < 0.1e-3


def test_what_was_given_to_the_device_before_a_block_is_not_billed_to_it():
    device = Device(step_s=1e-3)
    device.launch()
    device.launch()
    assert device.sample().step_duration_s[0] == pytest.approx(1e-3, rel=0.02)


def test_the_cost_is_wall_time_on_the_device_and_not_the_launch():
    samples = Device(step_s=2e-3).sample()
    assert estimate_process(samples, "device").cost == pytest.approx(2e-3, rel=0.02)
    assert estimate_process(samples, "cpu").cost == pytest.approx(10e-6 / 1e-3, rel=0.02)


def test_a_slower_device_costs_more_though_the_processor_does_the_same():
    before, after = Device(step_s=1.0e-3).sample(), Device(step_s=1.2e-3).sample()
    ratio = estimate_process(after, "device").cost / estimate_process(before, "device").cost
    assert ratio == pytest.approx(1.2, rel=0.01)
    assert estimate_process(after).cost == pytest.approx(estimate_process(before).cost, rel=0.01)


def test_a_processor_that_is_slower_does_not_change_the_cost_of_the_device():
    samples = Device(step_s=1e-3).sample()
    slow = replace(samples, reference_cpu_s=tuple(2 * each for each in samples.reference_cpu_s))
    assert estimate_process(slow, "device") == replace(
        estimate_process(samples, "device"), reference_cpu_s=estimate_process(slow).reference_cpu_s
    )


def test_a_device_warms_up_by_its_own_time():
    # Its clock rate rises with every step; the processor's part is the same from the first one on.
    samples = Device(step_s=lambda number: 1e-3 * (1 + 9 * 0.9**number)).sample()
    assert max(samples.step_duration_s) == pytest.approx(1e-3, rel=0.05)
