"""Arrivals at a fixed pace: steps with waits between them, in which threads may spin and power is drawn."""

from collections.abc import Callable

from pytest_energy.measurement.clock import Clock

BLOCK_S = 0.1
"""Least duration of a block of paced steps: so many that one of them, disturbed, does not make the figure."""

LEAST_STEPS = 2

_GLANCE_S = 5e-3
_QUIET = 0.1  # CPU time per wall time of a process that does nothing but look at the clock
_LONGEST_S = 0.5  # ONNX Runtime's threads spin for tens of milliseconds


def paced_steps(pace_s: float) -> int:
    """Return how many steps of that pace make a block."""
    return max(LEAST_STEPS, round(BLOCK_S / pace_s))


def run_paced(run: Callable[[], object], pace_s: float, count: int, clock: Clock) -> tuple[float, float]:
    """Run steps that arrive at a fixed pace, one more than are read.

    What is read begins with an arrival and ends when the next step would arrive, so that the wait after each
    step belongs to it. The first step is not read: it would find threads asleep that otherwise may spin.

    Args:
        run: Runs one step to its end.
        pace_s: From one arrival to the next in s.
        count: Steps that are read.
        clock: Reads time, and waits.

    Returns:
        CPU time per period in s, of all threads of the process, and mean latency in s, from a step's arrival
        to its end. A step that arrives while another runs waits for it, and its latency counts the wait.
    """
    first_s = clock.read().wall_s + pace_s
    run()
    clock.wait_until(first_s)
    before = clock.read()
    latencies_s = 0.0
    ended_s = before.wall_s
    for number in range(count):
        arrival_s = first_s + number * pace_s
        clock.wait_until(arrival_s)
        # Sleeping ends late by the system's timer slack, which is no fault of the step.
        began_s = arrival_s if ended_s > arrival_s else clock.read().wall_s
        run()
        ended_s = clock.read().wall_s
        latencies_s += ended_s - began_s
    clock.wait_until(first_s + count * pace_s)
    after = clock.read()
    return (after.cpu_s - before.cpu_s) / count, latencies_s / count


def settle(clock: Clock) -> None:
    """Wait until no thread of this process spins any more, so that the next block is not billed for it."""
    limit_s = clock.read().wall_s + _LONGEST_S
    while (before := clock.read()).wall_s < limit_s:
        clock.wait_until(before.wall_s + _GLANCE_S)
        after = clock.read()
        if after.cpu_s - before.cpu_s <= _QUIET * (after.wall_s - before.wall_s):
            return
