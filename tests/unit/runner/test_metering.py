"""Counters read around the windows that a worker offers; the worker and the meters are doubles."""

import pytest

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.measurement.clock import FakeClock
from pytest_energy.power.meter import Component
from pytest_energy.power.meters import MeterKind, MeterRequest
from pytest_energy.power.meters.replay import ReplayMeter
from pytest_energy.runner.metering import LEAST_WINDOW_S, Metering
from pytest_energy.runtime.job import metered_s

REQUEST = MeterRequest(now=float)
CPU = Component(name="cpu", boundary="a package")
DRAM = Component(name="dram", boundary="memory")


class Worker:
    """Offers one window per subject, and keeps what it is told."""

    def __init__(self, subjects=1):
        self.told = []
        self._subjects = subjects

    def reply(self, line):
        self.told.append(line)

    def events(self):
        yield {"event": "loaded", "subject": 0}
        for number in range(self._subjects):
            yield {"event": "metering", "subject": number}
            least_s = metered_s(self.told[-1])
            if least_s is not None:
                yield {
                    "event": "metered",
                    "subject": number,
                    "steps": 10,
                    "duration_s": least_s,
                    "cpu_s": least_s / 2,
                }
        yield {"event": "sampled", "samples": []}


def kind(name, *readings, components=(CPU,), tick_s=1e-3, opened=None):
    def open_meter(_):
        meter = ReplayMeter(readings=readings, components=components, kind=name, tick_s=tick_s)
        if opened is not None:
            opened.append(meter)
        return meter

    return MeterKind(name=name, what="", open=open_meter)


def watched(worker, *kinds, requests=(REQUEST,)):
    metering = Metering(kinds=kinds, clock=FakeClock())
    events = list(metering.watch(worker, worker.events(), requests))
    assert [each["event"] for each in events] == ["loaded", "sampled"]
    return events[-1]["windows"]


def test_what_was_drawn_is_told_with_steps_and_times():
    worker, opened = Worker(), []
    meter = kind(
        "m", {"cpu": 5.0, "dram": 1.0}, {"cpu": 8.0, "dram": 1.5}, components=(CPU, DRAM), opened=opened
    )
    ((cpu, dram),) = watched(worker, meter)
    assert cpu == {
        "component": "cpu",
        "method": "replayed",
        "boundary": "a package",
        "energy_j": 3.0,
        "duration_s": LEAST_WINDOW_S,
        "cpu_s": LEAST_WINDOW_S / 2,
        "steps": 10,
    }
    assert (dram["component"], dram["energy_j"]) == ("dram", 0.5)
    assert [each.closed for each in opened] == [True]


def test_the_window_is_long_enough_for_the_slowest_counter():
    worker = Worker()
    watched(
        worker, kind("fast", {"cpu": 1.0}, {"cpu": 2.0}), kind("slow", {"cpu": 1.0}, {"cpu": 2.0}, tick_s=0.1)
    )
    assert metered_s(worker.told[0]) == pytest.approx(1.0)


def test_every_subject_has_windows_of_its_own():
    windows = watched(Worker(2), kind("m", {"cpu": 1.0}, {"cpu": 2.0}), requests=(REQUEST, REQUEST))
    assert [len(each) for each in windows] == [1, 1]


def test_without_a_meter_no_window_is_run():
    worker = Worker()
    assert watched(worker) == [[]]
    assert metered_s(worker.told[0]) is None


def test_a_meter_that_cannot_be_opened_is_tried_once():
    tries = []

    def open_meter(_):
        tries.append(1)
        raise MeterDenied("no")

    worker = Worker(3)
    assert watched(worker, MeterKind(name="m", what="", open=open_meter), requests=(REQUEST,) * 3) == [
        [],
        [],
        [],
    ]
    assert len(tries) == 1


@pytest.mark.parametrize(
    "readings",
    [
        [{"cpu": 5.0}, MeterUnavailable("gone")],
        [{"cpu": 5.0}],
        [{"cpu": 5.0}, {"cpu": 1.0}],
        [{"cpu": 5.0}, {}],
        [{"cpu": 5.0}, {"cpu": 5.0}],
    ],
    ids=["fails", "vanishes", "falls", "component vanishes", "stands still"],
)
def test_a_counter_that_cannot_be_trusted_leaves_the_step_unmeasured(readings):
    assert watched(Worker(), kind("m", *readings)) == [[]]


def test_a_meter_that_fails_does_not_take_the_others_along():
    ((window,),) = watched(
        Worker(), kind("bad", MeterUnavailable("x")), kind("good", {"cpu": 1.0}, {"cpu": 2.0})
    )
    assert window["energy_j"] == 1.0
