"""What part of a step's time is spent on making what it is fed."""

import statistics
from collections.abc import Sequence

from pytest_energy.results.samples import ProcessSamples
from pytest_energy.statistics.process_estimate import clean


def fetch_cpu_share(samples: ProcessSamples) -> float | None:
    """Return the part of a step's CPU time, from 0 to 1; None where what is fed lies ready.

    It is the median of undisturbed rounds: what slows a round slows both parts of it, and leaves the share.
    """
    return _share(samples.fetch_cpu_s, samples.step_cpu_s, samples)


def fetch_duration_share(samples: ProcessSamples) -> float | None:
    """Return the part of a step's wall time, from 0 to 1; None where what is fed lies ready."""
    return _share(samples.fetch_duration_s, samples.step_duration_s, samples)


def _share(parts: Sequence[float], wholes: Sequence[float], samples: ProcessSamples) -> float | None:
    if not parts:
        return None
    shares = [min(part / whole, 1.0) for part, whole in zip(parts, wholes, strict=True)]
    return statistics.median(clean(shares, samples))
