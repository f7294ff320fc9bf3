"""From the raw readings of one process to its one-line estimate."""

import math
import statistics
from collections.abc import Sequence
from typing import TypeVar

from pytest_energy.results.samples import ProcessEstimate, ProcessSamples, Signal

Reading = TypeVar("Reading")

LOWEST = 0.2
"""Share of the blocks, the cheapest ones, that CPU time is taken from."""

LEAST_CLEAN = 3
"""Undisturbed rounds without which the disturbed ones are used too: too few would say nothing either."""


def estimate_process(samples: ProcessSamples, signal: Signal = "cpu") -> ProcessEstimate:
    """Reduce the rounds of one process to undisturbed CPU times, the median latency, and the cost.

    Step and reference are read in the same milliseconds, so what slows both (frequency, a busy sibling
    thread) leaves their ratio alone. Rounds that were seen to be disturbed are left out, as long as a fifth
    of all remain. Feeds may differ in what they cost: each is reduced by itself, and their mean counts.

    What a device does takes no CPU time, and how long the processor takes for the reference says nothing of
    it. Its cost is the median wall time of a step: blocks begin and end with a device that has nothing to do.

    Args:
        samples: What the process read.
        signal: What the cost is read from.

    Raises:
        statistics.StatisticsError: There are no rounds.
    """
    cpu_s = statistics.fmean(feed_costs(samples))
    reference_cpu_s = undisturbed(clean(samples.reference_cpu_s, samples))
    duration_s = statistics.fmean(map(statistics.median, _by_feed(samples.step_duration_s, samples)))
    return ProcessEstimate(
        cpu_s=cpu_s,
        duration_s=duration_s,
        reference_cpu_s=reference_cpu_s,
        cost=cpu_s / reference_cpu_s if signal == "cpu" else duration_s,
    )


def feed_costs(samples: ProcessSamples) -> tuple[float, ...]:
    """Return the undisturbed CPU time of a step in s with each feed that was run, in their order.

    Raises:
        statistics.StatisticsError: There are no rounds.
    """
    costs = tuple(map(undisturbed, _by_feed(samples.step_cpu_s, samples)))
    if not costs:
        raise statistics.StatisticsError("a process without rounds tells nothing")
    return costs


def _by_feed(readings: Sequence[float], samples: ProcessSamples) -> list[Sequence[float]]:
    """Part readings by their feed; of one that was run in disturbed rounds only, these are kept."""
    kept = set(clean(range(len(readings)), samples))
    parted = (range(feed, len(readings), samples.feeds) for feed in range(samples.feeds))
    return [
        [readings[number] for number in ([each for each in own if each in kept] or own)]
        for own in parted
        if own
    ]


def clean(readings: Sequence[Reading], samples: ProcessSamples) -> Sequence[Reading]:
    """Return the readings of undisturbed rounds; those of all where too few were undisturbed."""
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
