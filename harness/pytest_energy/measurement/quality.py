"""The quality of a measurement: what the operating system tells of the disturbances in a span of time.

All are counters that grow, read from files that stay open. One reading takes 20 us on a virtual machine of
two CPUs, a third of it for ``/proc/stat``, which grows with their number::

    python -m timeit -p -s "from pytest_energy.measurement.quality import DisturbanceReader" \
        -s "reader = DisturbanceReader()" "reader.read()"
"""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Self

from pytest_energy.measurement.cgroup import cgroup_folders, throttling_file

if sys.platform != "win32":
    import resource

LONGEST_WAIT = 0.05
"""Share of a span for which an undisturbed process may have waited for a CPU.

Measured: blocks of 4 ms that waited for longer cost 3.5 % more CPU time than the others, since they found the
caches cold (sgemm-320 on 2 CPUs, busy neighbours); those that waited for less cost no more.
"""

MOST_STEAL = 0.05
"""Share of a span that the hypervisor may have taken, over all CPUs; in a short block one tick exceeds it."""

MOST_SWITCHES_PER_S = 50.0
"""Involuntary switches per s, by which a span is judged where nothing tells for how long it waited."""

_ENOUGH = 512  # bytes that hold what is looked for, in every file
_STEAL = 8  # its place in the first line of /proc/stat
_WAIT = 1  # its place in schedstat


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What has disturbed this process since some zero. None is unknown.

    Attributes:
        wait_s: Time for which the main thread was ready to run and had no CPU.
        steal_s: Time that the hypervisor gave to others, over all CPUs; it moves in ticks of 10 ms.
        pressure_s: Time in which any task on the machine waited for a CPU.
        group_pressure_s: Time in which any task of this process's control group did.
        switches: How often the scheduler took the CPU away from this process.
        throttled: Periods in which the control group had used up its quota.
        throttled_s: Time for which it was held up by that.
    """

    wait_s: float | None = None
    steal_s: float | None = None
    pressure_s: float | None = None
    group_pressure_s: float | None = None
    switches: int | None = None
    throttled: int | None = None
    throttled_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance(Counters):
    """What disturbed a span of time: by how much each counter grew in it. None is unknown."""


_NAMES = tuple(field.name for field in fields(Counters))


def own_switches() -> int | None:
    """Return the involuntary switches of this process; None where the system does not count them."""
    return None if sys.platform == "win32" else resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


class DisturbanceReader:
    """Reads all counters of this process; a context manager, which closes its files.

    It is made by the process whose main thread measures: the wait is that thread's.
    """

    def __init__(self, root: Path = Path("/"), switches: Callable[[], int | None] = own_switches) -> None:
        """Open what there is.

        Args:
            root: Where ``proc`` and ``sys`` are mounted; another folder in tests.
            switches: Counts involuntary switches.
        """
        pressures = (folder / "cpu.pressure" for folder in cgroup_folders(root))
        self._switches = switches
        self._schedule = _OpenFile(root / "proc/self/schedstat")
        self._stat = _OpenFile(root / "proc/stat")
        self._pressure = _OpenFile(root / "proc/pressure/cpu")
        self._group_pressure = _OpenFile(next((path for path in pressures if path.exists()), None))
        self._group_stat = _OpenFile(throttling_file(root))

    def read(self) -> Counters:
        """Return all counters as they are now."""
        group_stat = self._group_stat.read()
        return Counters(
            wait_s=_scaled(_field(self._schedule.read(), _WAIT), 1e-9),
            steal_s=_scaled(_field(self._stat.read(), _STEAL), _tick_s()),
            pressure_s=_pressure_s(self._pressure.read()),
            group_pressure_s=_pressure_s(self._group_pressure.read()),
            switches=self._switches(),
            throttled=_named(group_stat, b"nr_throttled "),
            throttled_s=_throttled_s(group_stat),
        )

    def close(self) -> None:
        """Close the files; afterwards all but the switches is unknown."""
        for file in (self._schedule, self._stat, self._pressure, self._group_pressure, self._group_stat):
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def between(before: Counters, after: Counters) -> Disturbance:
    """Return by how much each counter grew; one that went backwards, as steal may, tells nothing."""
    return Disturbance(**{name: _growth(getattr(before, name), getattr(after, name)) for name in _NAMES})


def total(spans: Iterable[Disturbance]) -> Disturbance:
    """Add up spans; what is unknown of one is unknown of all."""
    columns = zip(*([getattr(span, name) for name in _NAMES] for span in spans), strict=True)
    sums = (None if None in column else sum(column) for column in columns)
    return Disturbance(**dict(zip(_NAMES, sums, strict=False)))


def disturbed_by(disturbance: Disturbance, duration_s: float) -> tuple[str, ...]:
    """Name what disturbed a span beyond its threshold; empty where nothing did, and where nothing is known.

    The wait for a CPU is what counts. Where it is unknown, the pressure in the control group stands for it,
    then that on the machine, then the number of involuntary switches. Steal and throttling count besides: who
    is stopped as a whole does not see itself waiting.

    Args:
        disturbance: What happened in the span.
        duration_s: Wall time of the span.
    """
    waits = (disturbance.wait_s, disturbance.group_pressure_s, disturbance.pressure_s)
    wait_s = next((each for each in waits if each is not None), None)
    switches = disturbance.switches if wait_s is None else None
    checks = (
        ("wait", wait_s, LONGEST_WAIT * duration_s),
        ("switches", switches, MOST_SWITCHES_PER_S * duration_s),
        ("steal", disturbance.steal_s, MOST_STEAL * duration_s),
        ("throttling", disturbance.throttled, 0),
    )
    return tuple(name for name, value, most in checks if value is not None and value > most)


class _OpenFile:
    """A file that is read again and again; one that cannot be read is empty."""

    def __init__(self, path: Path | None) -> None:
        self._descriptor: int | None = None
        if path is not None:
            with suppress(OSError):
                self._descriptor = os.open(path, os.O_RDONLY)

    def read(self) -> bytes:
        if self._descriptor is None:
            return b""
        try:
            return os.pread(self._descriptor, _ENOUGH, 0)
        except OSError:  # pressure may be switched off, and a control group may go away
            return b""

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@cache
def _tick_s() -> float:
    return 1 / os.sysconf("SC_CLK_TCK")


def _field(data: bytes, place: int) -> int | None:
    """Return a whole number by its place in the first line."""
    words = data.split(None, place + 1)
    return int(words[place]) if len(words) > place and words[place].isdigit() else None


def _named(data: bytes, name: bytes) -> int | None:
    """Return the whole number behind a name."""
    _, found, rest = data.partition(name)
    return _field(rest, 0) if found else None


def _pressure_s(data: bytes) -> float | None:
    """Return the total of the first line, ``some``, which counts us."""
    return _scaled(_named(data, b" total="), 1e-6)


def _throttled_s(data: bytes) -> float | None:
    """Return the time of throttling; version 1 counts ns, version 2 us."""
    in_us = _named(data, b"throttled_usec ")
    return _scaled(_named(data, b"throttled_time "), 1e-9) if in_us is None else _scaled(in_us, 1e-6)


def _scaled(count: int | None, unit: float) -> float | None:
    return None if count is None else count * unit


def _growth(before: float | None, after: float | None) -> Any:
    return None if before is None or after is None or after < before else after - before
