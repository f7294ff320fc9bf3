"""A load: a process that keeps one CPU busy for a while, and says how busy it really was.

``python -m pytest_energy.measurement.load_process KIND SECONDS [CPU]``. It prints one line when it
begins, and one at the end: its CPU time and the time that passed, in s.
"""

import os
import sys
from collections.abc import Callable

import numpy as np

from pytest_energy.measurement.clock import Clock, SystemClock, since
from pytest_energy.measurement.reference import reference_step

_STREAM = 32 * 2**20  # float64 values, 256 MiB: far more than any cache holds


def main(arguments: list[str]) -> None:
    """Load one CPU."""
    kind, seconds, *cpu = arguments
    if cpu and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu[0])})
    step = _KINDS[kind]()
    step()
    _say("begun")
    cpu_s, wall_s = run(step, float(seconds), SystemClock())
    _say(f"{cpu_s!r} {wall_s!r}")


def run(step: Callable[[], object], seconds: float, clock: Clock) -> tuple[float, float]:
    """Repeat a step for so many seconds, and return the CPU time and the time that passed in s."""
    began = clock.read()
    while since(began, clock).wall_s < seconds:
        step()
    passed = since(began, clock)
    return passed.cpu_s, passed.wall_s


def _stream() -> Callable[[], object]:
    """Return a copy of more memory than caches hold: its CPU waits for memory most of the time."""
    source = np.ones(_STREAM)
    target = np.empty_like(source)
    return lambda: np.copyto(target, source)


_KINDS: dict[str, Callable[[], Callable[[], object]]] = {"compute": reference_step, "memory": _stream}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
