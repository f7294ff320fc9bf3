"""A window: steps without interruption, for as long as an energy counter needs to show them."""

from dataclasses import dataclass

from pytest_energy.measurement.clock import Clock
from pytest_energy.measurement.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What ran while a counter was watched.

    Attributes:
        steps: How many steps.
        duration_s: Wall time of all of them, waits of paced ones included.
        cpu_s: CPU time of the process, all threads together.
    """

    steps: int
    duration_s: float
    cpu_s: float


def run_window(step: Step, least_s: float, clock: Clock) -> Window:
    """Run whole steps until a window is full; no reference runs in between, which a counter would bill too.

    Args:
        step: What runs.
        least_s: How long at least, in s.
        clock: Reads time, and waits for arrivals.
    """
    step.synchronize()
    began = clock.read()
    steps = 0
    while clock.read().wall_s - began.wall_s < least_s or not steps:
        step.run()
        if step.pace_s is not None:
            step.synchronize()
            clock.wait_until(began.wall_s + (steps + 1) * step.pace_s)
        steps += 1
    step.synchronize()
    ended = clock.read()
    return Window(steps=steps, duration_s=ended.wall_s - began.wall_s, cpu_s=ended.cpu_s - began.cpu_s)
