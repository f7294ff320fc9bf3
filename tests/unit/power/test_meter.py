"""Readings of cumulative counters, and what lies between two of them."""

import pytest

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.power.meter import Meter, MeterReading
from pytest_energy.power.meters.replay import ReplayMeter


def test_the_difference_of_two_readings_is_what_was_drawn():
    before, after = (
        MeterReading(energy_j={"cpu": 5.0, "dram": 1.0}),
        MeterReading(energy_j={"cpu": 7.5, "dram": 1.0}),
    )
    assert after.since(before) == {"cpu": 2.5, "dram": 0.0}


def test_a_component_that_vanished_is_no_zero():
    before = MeterReading(energy_j={"cpu": 5.0, "dram": 1.0})
    with pytest.raises(MeterUnavailable, match="dram vanished"):
        MeterReading(energy_j={"cpu": 6.0}).since(before)


def test_a_component_that_appeared_in_between_has_no_beginning():
    assert MeterReading(energy_j={"cpu": 6.0, "gpu": 9.0}).since(MeterReading(energy_j={"cpu": 5.0})) == {
        "cpu": 1.0
    }


def test_a_counter_that_was_reset_loses_its_window():
    with pytest.raises(MeterUnavailable, match="cpu went backwards by 4 J"):
        MeterReading(energy_j={"cpu": 1.0}).since(MeterReading(energy_j={"cpu": 5.0}))


def test_a_reading_cannot_be_changed_afterwards():
    joules = {"cpu": 1.0}
    reading = MeterReading(energy_j=joules)
    joules["cpu"] = 2.0
    assert reading.energy_j == {"cpu": 1.0}
    with pytest.raises(TypeError):
        reading.energy_j["cpu"] = 3.0


def test_replay_gives_readings_and_errors_in_their_order():
    denied = MeterDenied("no")
    meter: Meter = ReplayMeter(readings=[{"cpu": 1.0}, denied, {"cpu": 4.0}])
    first = meter.read()
    with pytest.raises(MeterDenied):
        meter.read()
    assert meter.read().since(first) == {"cpu": 3.0}
    with pytest.raises(MeterUnavailable, match="used up"):
        meter.read()


def test_replay_remembers_that_it_was_closed():
    meter = ReplayMeter(readings=[])
    meter.close()
    assert meter.closed
