"""Metering: energy counters are read around windows in which a worker runs nothing but steps."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_energy.errors import MeasurementError
from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.power.meter import LEAST_TICKS, Meter, MeterReading
from pytest_energy.power.meters import MeterKind, MeterRequest, all_meters, open_meters
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.providers import provider_named
from pytest_energy.results.codec import to_plain
from pytest_energy.results.samples import MeterWindow
from pytest_energy.runtime.job import STOP, meter_line
from pytest_energy.runtime.worker_process import Event, WorkerProcess
from pytest_energy.workloads.suite import SuiteEntry

LEAST_WINDOW_S = 0.25
"""Least duration of a window: to begin and to end it takes the parent about a millisecond."""

METERED_PROCESSES = 4
"""Processes of a benchmark in which counters are read: as many as the first look takes."""


@dataclass(slots=True, kw_only=True)
class Metering:
    """The meters of a run. One that could not be opened once is not tried again.

    Attributes:
        kinds: The meters to try.
        clock: Reads wall time.
    """

    kinds: Sequence[MeterKind] = field(default_factory=all_meters)
    clock: Clock = field(default_factory=SystemClock)
    _hopeless: set[tuple[str, str | None]] = field(default_factory=set, init=False)

    def request(self, entry: SuiteEntry) -> MeterRequest:
        """Return what meters are opened for, for the sake of one benchmark."""
        benchmark = entry.benchmark
        provider = provider_named(benchmark.provider or "cpu", [benchmark.provider or ""])
        if provider.device == "cpu":
            return MeterRequest(now=self._now)
        # Where providers do not count GPUs as CUDA and HIP do, the driver alone knows which one is in use.
        number = benchmark.session.provider_options.get("device_id", "0")
        ordinal = int(number) if provider.vendor and number.isdecimal() else None
        gpu = GpuAddress(ordinal=ordinal, variables=dict(os.environ))
        return MeterRequest(now=self._now, gpu=gpu, vendor=provider.vendor)

    def _now(self) -> float:
        return self.clock.read().wall_s

    def watch(
        self, worker: WorkerProcess, events: Iterator[Event], requests: Sequence[MeterRequest]
    ) -> Iterator[Event]:
        """Pass on what a worker tells, and read counters around each window that it offers.

        Args:
            worker: The worker, which is answered.
            events: What it tells.
            requests: What meters are opened for, per subject.

        Returns:
            Its events without those about windows. The last one has them under ``windows``: per subject a
            list of records as plain values.

        Raises:
            HarnessError: What the worker found wrong.
        """
        windows: list[list[Any]] = [[] for _ in requests]
        for event in events:
            if event["event"] == "metering":
                windows[event["subject"]] = self._window(worker, events, requests[event["subject"]])
            elif event["event"] == "sampled":
                yield event | {"windows": windows}
            else:
                yield event

    def _window(self, worker: WorkerProcess, events: Iterator[Event], request: MeterRequest) -> list[Any]:
        if request.gpu is not None:
            request = replace(request, gpu=replace(request.gpu, pid=worker.pid))
        wanted = [kind for kind in self.kinds if (kind.name, request.vendor) not in self._hopeless]
        with open_meters(request, wanted) as opened:
            self._hopeless |= {(each.kind, request.vendor) for each in opened.unopened}
            before = _read(opened.meters)
            if not before:
                worker.reply(STOP)
                return []
            ticks_s = max(meter.tick_s for meter in opened.meters) * LEAST_TICKS
            worker.reply(meter_line(max(LEAST_WINDOW_S, ticks_s)))
            ran = next(events)
            after = _read(opened.meters)
        return [to_plain(each) for each in _windows(opened.meters, before, after, ran)]


def _read(meters: Iterable[Meter]) -> dict[str, MeterReading]:
    """Read all meters, by their kind; one that fails is left out."""
    readings = {}
    for meter in meters:
        try:
            readings[meter.kind] = meter.read()
        except MeasurementError:
            continue
    return readings


def _windows(
    meters: Iterable[Meter],
    before: Mapping[str, MeterReading],
    after: Mapping[str, MeterReading],
    ran: Event,
) -> Iterator[MeterWindow]:
    """Yield what each component drew. A counter that did not move in all that time counts nothing."""
    for meter in meters:
        if meter.kind not in before or meter.kind not in after:
            continue
        try:
            drawn = after[meter.kind].since(before[meter.kind])
        except MeasurementError:
            continue
        for component in meter.components:
            if drawn.get(component.name):
                yield MeterWindow(
                    component=component.name,
                    method=meter.method,
                    boundary=component.boundary,
                    energy_j=drawn[component.name],
                    duration_s=ran["duration_s"],
                    cpu_s=ran["cpu_s"],
                    steps=ran["steps"],
                )
