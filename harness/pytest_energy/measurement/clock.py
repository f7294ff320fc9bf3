"""The clock: the only place that reads time."""

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """CPU time of this process, all threads together, and wall time; both in s, from an arbitrary zero."""

    cpu_s: float
    wall_s: float


class Clock(Protocol):
    """Reads CPU time and wall time together, and waits."""

    def read(self) -> Reading:
        """Return both, read back to back: a slow call between the two would bias their ratio."""

    def wait_until(self, wall_s: float) -> None:
        """Sleep until that wall time has come; not at all where it is past."""


class SystemClock:
    """The clock of this process."""

    def read(self) -> Reading:
        """Return ``process_time`` and ``perf_counter``."""
        return Reading(time.process_time(), time.perf_counter())

    def wait_until(self, wall_s: float) -> None:
        """Sleep."""
        rest_s = wall_s - time.perf_counter()
        if rest_s > 0:
            time.sleep(rest_s)


@dataclass(slots=True)
class FakeClock:
    """A clock for tests, which moves only when it is told to.

    Attributes:
        cpu_s: CPU time that the next reading returns.
        wall_s: Wall time that the next reading returns.
        tick_s: CPU and wall time by which each reading moves the clock on.
        spinning: Threads that burn CPU time while the process waits.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    tick_s: float = 1e-9
    spinning: float = 0.0
    readings: int = field(default=0, init=False)

    def read(self) -> Reading:
        """Return the time, and move on by one tick."""
        self.readings += 1
        self.advance(self.tick_s)
        return Reading(self.cpu_s, self.wall_s)

    def wait_until(self, wall_s: float) -> None:
        """Let the time pass."""
        rest_s = max(0.0, wall_s - self.wall_s)
        self.advance(rest_s * self.spinning, rest_s)

    def advance(self, cpu_s: float, wall_s: float | None = None) -> None:
        """Let time pass; wall time passes as CPU time does unless it is given."""
        self.cpu_s += cpu_s
        self.wall_s += cpu_s if wall_s is None else wall_s


def since(before: Reading, clock: Clock) -> Reading:
    """Return the CPU and wall time that passed since a reading."""
    now = clock.read()
    return Reading(cpu_s=now.cpu_s - before.cpu_s, wall_s=now.wall_s - before.wall_s)


def measured_tick_s(clock: Clock, tries: int = 200) -> float:
    """Return the smallest step by which CPU time is seen to move, reading cost included, in s.

    What the documentation of a clock promises is not what a virtual machine delivers, so it is measured.
    """
    steps: list[float] = []
    last = clock.read().cpu_s
    for _ in range(tries):
        now = clock.read().cpu_s
        if now > last:
            steps.append(now - last)
        last = now
    return min(steps, default=1e-2)


def today() -> str:
    """Return the ISO date of today in UTC."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def now() -> str:
    """Return the ISO date and time of now in UTC, to the second: ``2026-05-04T10:11:12Z``."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
