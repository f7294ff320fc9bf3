"""Power integrated over time, by hand and by its thread."""

import threading

import pytest

from pytest_energy.errors import MeterUnavailable
from pytest_energy.power.meters.sampled_power import SampledPower


def test_the_trapezoidal_rule_is_exact_for_a_ramp():
    times, powers = iter([0.0, 1.0, 2.0, 4.0]), iter([0.0, 10.0, 20.0, 40.0])
    sampled = SampledPower(power_w=lambda: next(powers), now=lambda: next(times))
    assert [sampled.read_j() for _ in range(4)] == [0.0, 5.0, 20.0, 80.0]


def test_the_thread_samples_until_it_is_stopped():
    enough = threading.Event()
    count = 0

    def power_w():
        nonlocal count
        count += 1
        if count > 3:
            enough.set()
        return 1.0

    sampled = SampledPower(power_w=power_w, now=lambda: float(count), period_s=1e-4)
    sampled.start()
    assert enough.wait(60)
    sampled.stop()
    stopped_at = count
    assert sampled.read_j() == pytest.approx(stopped_at)


def test_a_device_that_vanishes_ends_the_thread_and_is_told_to_the_reader():
    gone = threading.Event()

    def power_w():
        if gone.is_set():
            raise MeterUnavailable("gone")
        return 1.0

    sampled = SampledPower(power_w=power_w, now=lambda: 0.0, period_s=1e-4)
    sampled.start()
    gone.set()
    sampled.stop()
    with pytest.raises(MeterUnavailable, match="gone"):
        sampled.read_j()
