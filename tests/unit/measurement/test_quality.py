import os
from dataclasses import fields, replace

import pytest

from pytest_energy.measurement.quality import (
    Counters,
    Disturbance,
    DisturbanceReader,
    between,
    disturbed_by,
    own_switches,
    total,
)

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
QUIET = Disturbance(
    wait_s=0.0,
    steal_s=0.0,
    pressure_s=0.0,
    group_pressure_s=0.0,
    switches=0,
    throttled=0,
    throttled_s=0.0,
)


def read(linux, switches=lambda: 19):
    with DisturbanceReader(linux.root, switches) as reader:
        return reader.read()


def test_everything_is_read_in_seconds(linux):
    linux.counters(wait_ns=250_000_000, steal_ticks=216, pressure_us=1_500_000)
    linux.group_2("/a", throttled=4, throttled_us=2_000_000, pressure_us=500_000)
    assert read(linux) == Counters(
        wait_s=0.25,
        steal_s=216 * TICK_S,
        pressure_s=1.5,
        group_pressure_s=0.5,
        switches=19,
        throttled=4,
        throttled_s=2.0,
    )


def test_version_1_counts_throttling_in_nanoseconds(linux):
    linux.group_1("/", throttled=4, throttled_ns=2_000_000_000)
    found = read(linux)
    assert (found.throttled, found.throttled_s) == (4, 2.0)
    assert found.group_pressure_s is None


def test_what_is_absent_is_unknown(linux):
    assert read(linux, lambda: None) == Counters()


@pytest.mark.parametrize(
    "text", ["", "\n", "nonsense", "cpu  x", "some avg10=0.00", "some total=x", "- - -", "\xff\0"]
)
def test_garbage_is_unknown(linux, text):
    linux.counters()
    linux.group_2("/a", throttled=0, pressure_us=0)
    paths = ("proc/self/schedstat", "proc/stat", "proc/pressure/cpu")
    groups = ("sys/fs/cgroup/a/cpu.stat", "sys/fs/cgroup/a/cpu.pressure")
    with DisturbanceReader(linux.root, lambda: None) as reader:
        for path in (*paths, *groups):
            linux.put(path, text)
        assert reader.read() == Counters()


def test_a_reader_sees_what_changes(linux):
    linux.counters(wait_ns=0, steal_ticks=100)
    with DisturbanceReader(linux.root, iter((3, 5)).__next__) as reader:
        before = reader.read()
        linux.counters(wait_ns=1_000_000, steal_ticks=101)
        found = between(before, reader.read())
    assert found.wait_s == pytest.approx(1e-3)
    assert found.steal_s == pytest.approx(TICK_S)
    assert found.switches == 2
    assert found.throttled is None


def test_a_closed_reader_knows_nothing_and_may_be_closed_again(linux):
    linux.counters()
    reader = DisturbanceReader(linux.root, lambda: None)
    reader.close()
    reader.close()
    assert reader.read() == Counters()


def test_a_counter_that_went_backwards_tells_nothing():
    found = between(Counters(steal_s=5.0, wait_s=1.0), Counters(steal_s=4.0, wait_s=1.0))
    assert (found.steal_s, found.wait_s) == (None, 0.0)


def test_spans_add_up_and_what_is_unknown_of_one_is_unknown_of_all():
    spans = [replace(QUIET, wait_s=1.0, switches=2), replace(QUIET, wait_s=2.0, switches=None)]
    assert total(spans) == replace(QUIET, wait_s=3.0, switches=None)
    assert total([]) == Disturbance()


@pytest.mark.parametrize(
    ("changed", "causes"),
    [
        ({}, ()),
        ({"wait_s": 0.04}, ()),
        ({"wait_s": 0.06}, ("wait",)),
        ({"steal_s": 0.04}, ()),
        ({"steal_s": 0.06}, ("steal",)),
        ({"throttled": 1}, ("throttling",)),
        ({"pressure_s": 1.0, "group_pressure_s": 1.0, "switches": 1000}, ()),
        ({"wait_s": None, "group_pressure_s": 0.06}, ("wait",)),
        ({"wait_s": None, "pressure_s": 1.0}, ()),
        ({"wait_s": None, "group_pressure_s": None, "pressure_s": 0.06}, ("wait",)),
        ({"wait_s": None, "switches": 1000}, ()),
        ({"wait_s": None, "group_pressure_s": None, "pressure_s": None, "switches": 49}, ()),
        ({"wait_s": None, "group_pressure_s": None, "pressure_s": None, "switches": 51}, ("switches",)),
        ({"wait_s": 0.5, "steal_s": 0.5, "throttled": 2}, ("wait", "steal", "throttling")),
    ],
)
def test_a_second_is_disturbed_beyond_the_thresholds(changed, causes):
    assert disturbed_by(replace(QUIET, **changed), 1.0) == causes


def test_one_tick_of_steal_disturbs_a_block_of_milliseconds():
    assert disturbed_by(replace(QUIET, steal_s=0.01), 4e-3) == ("steal",)


def test_where_nothing_is_known_nothing_is_said():
    assert disturbed_by(Disturbance(), 1.0) == ()


def test_this_machine_can_be_read():
    with DisturbanceReader() as reader:
        before, after = reader.read(), reader.read()
    for field in fields(Counters):
        value = getattr(before, field.name)
        assert value is None or value >= 0
    assert (between(before, after).switches or 0) >= 0
    assert own_switches() is None or own_switches() >= 0
