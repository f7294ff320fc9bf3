"""From the raw readings of one process to its one-line estimate."""

import math
import statistics
from collections.abc import Sequence

from pytest_energy.results.samples import ProcessEstimate, ProcessSamples, Signal

LOWEST = 0.2
"""Share of the blocks, the cheapest ones, that CPU time is taken from."""

LEAST_CLEAN = 3
"""Undisturbed rounds without which the disturbed ones are used too: too few would say nothing either."""


def estimate_process(samples: ProcessSamples, signal: Signal = "cpu") -> ProcessEstimate:
    """Reduce the rounds of one process to undisturbed CPU times, the median latency, and the cost.

    Step and reference are read in the same milliseconds, so what slows both (frequency, a busy sibling
    thread) leaves their ratio alone. Rounds that were seen to be disturbed are left out, as long as a fifth
    of all remain.

    What a device does takes no CPU time, and how long the processor takes for the reference says nothing of
    it. Its cost is the median wall time of a step: blocks begin and end with a device that has nothing to do.

    Args:
        samples: What the process read.
        signal: What the cost is read from.

    Raises:
        statistics.StatisticsError: There are no rounds.
    """
    cpu_s = undisturbed(_clean(samples.step_cpu_s, samples))
    reference_cpu_s = undisturbed(_clean(samples.reference_cpu_s, samples))
    duration_s = statistics.median(_clean(samples.step_duration_s, samples))
    return ProcessEstimate(
        cpu_s=cpu_s,
        duration_s=duration_s,
        reference_cpu_s=reference_cpu_s,
        cost=cpu_s / reference_cpu_s if signal == "cpu" else duration_s,
    )


def _clean(readings: Sequence[float], samples: ProcessSamples) -> Sequence[float]:
    voided = set(samples.voided)
    kept = [each for number, each in enumerate(readings) if number not in voided]
    return kept if len(kept) >= max(LEAST_CLEAN, LOWEST * len(readings)) else readings


def undisturbed(readings: Sequence[float]) -> float:
    """Return the mean of the lowest fifth of CPU times, at least of one.

    Neighbours only ever add to the CPU time of a block: they push its data out of the caches and take turns
    on its core. The median moves with how busy they are, the lowest blocks hardly do, and the mean of several
    is steadier than the one lowest.

    Raises:
        statistics.StatisticsError: There are no readings.
    """
    count = max(1, math.floor(LOWEST * len(readings)))
    return statistics.fmean(sorted(readings)[:count])
