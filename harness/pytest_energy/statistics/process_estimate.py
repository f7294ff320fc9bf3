"""From the raw readings of one process to its one-line estimate."""

import statistics

from pytest_energy.results.samples import ProcessEstimate, ProcessSamples


def estimate_process(samples: ProcessSamples) -> ProcessEstimate:
    """Reduce the rounds of one process to medians, and its cost to a ratio of CPU-time medians.

    Step and reference are read in the same milliseconds, so what slows both (frequency, a busy sibling
    thread) leaves their ratio alone.

    Raises:
        statistics.StatisticsError: There are no rounds.
    """
    cpu_s = statistics.median(samples.step_cpu_s)
    reference_cpu_s = statistics.median(samples.reference_cpu_s)
    return ProcessEstimate(
        cpu_s=cpu_s,
        duration_s=statistics.median(samples.step_duration_s),
        reference_cpu_s=reference_cpu_s,
        cost=cpu_s / reference_cpu_s,
    )
