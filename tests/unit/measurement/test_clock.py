import re

from pytest_energy.measurement.clock import FakeClock, Reading, SystemClock, measured_tick_s, today


class SteppingClock:
    """CPU time moves only with every so many readings, as on a machine with coarse accounting."""

    def __init__(self, every, step_s):
        self.readings, self.every, self.step_s = 0, every, step_s

    def read(self):
        self.readings += 1
        return Reading(self.readings // self.every * self.step_s, self.readings * 1e-6)


def test_the_system_clock_goes_forward():
    clock = SystemClock()
    before, after = clock.read(), clock.read()
    assert after.cpu_s >= before.cpu_s
    assert after.wall_s >= before.wall_s


def test_a_fake_clock_moves_when_it_is_told_to():
    clock = FakeClock(tick_s=0)
    clock.advance(2.0)
    clock.advance(0.5, wall_s=3.0)
    assert clock.read() == Reading(2.5, 5.0)
    assert clock.readings == 1


def test_the_tick_is_what_is_seen_not_what_is_promised():
    assert measured_tick_s(SteppingClock(every=7, step_s=0.25)) == 0.25


def test_a_clock_that_stands_still_counts_as_very_coarse():
    assert measured_tick_s(SteppingClock(every=10_000, step_s=1.0)) == 0.01


def test_the_date_is_an_iso_date():
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", today())
