"""Frequency steps: rounds in which the processor ran at another pace, as the reference saw it."""

from collections.abc import Sequence

from pytest_energy.statistics.process_estimate import undisturbed

STEP = 1.15
"""Cost of the reference, in units of its undisturbed cost, beyond which the pace was another one.

A processor that leaves its turbo, is throttled for heat or shares its core with a busy sibling thread slows
by more; of recorded rounds on a shared virtual machine 3 % lay beyond, most of them in a few processes.
"""


def frequency_steps(reference_cpu_s: Sequence[float]) -> tuple[int, ...]:
    """Return the numbers of the rounds in which the reference was dearer than its undisturbed cost by a step.

    The step shares these milliseconds, but need not follow the clock rate as far: what waits for memory
    hardly does, so that the ratio of the two is off while the rate is.

    Args:
        reference_cpu_s: CPU time per unit of the reference, one reading per round.
    """
    if not reference_cpu_s:
        return ()
    highest = STEP * undisturbed(reference_cpu_s)
    return tuple(number for number, cpu_s in enumerate(reference_cpu_s) if cpu_s > highest)
