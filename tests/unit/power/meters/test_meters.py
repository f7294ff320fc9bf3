"""The table of meters: who is asked, what is told of those that cannot be opened, and outsiders."""

from importlib import metadata

import pytest

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.power.meters import ENTRY_POINTS, METERS, MeterKind, MeterRequest, all_meters, open_meters
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.power.meters.replay import ReplayMeter

ON_CPU = MeterRequest(now=float)


def on_gpu(vendor):
    return MeterRequest(now=float, gpu=GpuAddress(), vendor=vendor)


def raising(error):
    def open_meter(_):
        raise error

    return open_meter


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        (ON_CPU, ["rapl", "zeus-soc"]),
        (on_gpu("nvidia"), ["rapl", "nvidia", "zeus-soc"]),
        (on_gpu("amd"), ["rapl", "zeus-amd", "zeus-soc"]),
        (on_gpu(None), ["rapl", "nvidia", "zeus-amd", "zeus-soc"]),
    ],
)
def test_a_meter_is_asked_only_about_what_is_in_use(request_, names):
    assert [kind.name for kind in METERS if kind.concerns(request_)] == names


def test_what_cannot_be_opened_is_told_and_the_rest_is_read():
    meter = ReplayMeter(readings=[{"cpu": 1.0}])
    kinds = (
        MeterKind(name="absent", what="", open=raising(MeterUnavailable("not there"))),
        MeterKind(name="denied", what="", open=raising(MeterDenied("not yours"))),
        MeterKind(name="good", what="", open=lambda _: meter),
    )
    with open_meters(ON_CPU, kinds) as opened:
        assert opened.meters == (meter,)
        assert [(each.kind, each.denied, each.why) for each in opened.unopened] == [
            ("absent", False, "not there"),
            ("denied", True, "not yours"),
        ]
    assert meter.closed


def outsiders(monkeypatch, **values):
    points = [
        metadata.EntryPoint(name=name, value=value, group=ENTRY_POINTS) for name, value in values.items()
    ]
    monkeypatch.setattr(
        metadata, "entry_points", lambda *, group: [one for one in points if one.group == group]
    )
    return {kind.name: kind for kind in all_meters()}


def test_outsiders_add_meters_by_entry_points(monkeypatch):
    kinds = outsiders(monkeypatch, wattmeter="pytest_energy.power.meters.replay:ReplayMeter")
    assert set(kinds) == {"rapl", "nvidia", "zeus-amd", "zeus-soc", "wattmeter"}
    assert "pytest_energy.power.meters.replay" in kinds["wattmeter"].what


def test_an_outsider_does_not_take_a_name_of_ours(monkeypatch):
    assert outsiders(monkeypatch, rapl="somewhere:Else")["rapl"] is METERS[0]


def test_an_outsider_that_cannot_be_loaded_is_no_fault(monkeypatch):
    kinds = outsiders(monkeypatch, broken="no_such_module_anywhere:Meter")
    with open_meters(ON_CPU, [kinds["broken"]]) as opened:
        (unopened,) = opened.unopened
    assert "no_such_module_anywhere" in unopened.why
    assert not unopened.denied
