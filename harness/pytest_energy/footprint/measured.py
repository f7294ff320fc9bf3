"""Measured energy of a step: what counters showed over whole windows, per step of them."""

from collections.abc import Iterable

from pytest_energy.results.energy import MeasuredEnergy
from pytest_energy.results.samples import MeterWindow, ProcessSamples
from pytest_energy.statistics.trimmed import spread, typical


def measured_energy(samples: Iterable[ProcessSamples], confidence: float) -> tuple[MeasuredEnergy, ...]:
    """Return one figure per component and method, in the order in which they were read.

    Args:
        samples: What the processes read; those without windows count for nothing.
        confidence: Two-sided confidence of the bands.
    """
    groups: dict[tuple[str, str], list[MeterWindow]] = {}
    for each in samples:
        for window in each.windows:
            groups.setdefault((window.component, window.method), []).append(window)
    return tuple(_measured(windows, confidence) for windows in groups.values())


def _measured(windows: list[MeterWindow], confidence: float) -> MeasuredEnergy:
    per_step_j = [each.energy_j / each.steps for each in windows]
    energy_j, share = typical(per_step_j), spread(per_step_j, confidence)
    return MeasuredEnergy(
        component=windows[0].component,
        energy_j=energy_j,
        random_j=None if share is None else energy_j * share,
        power_w=typical([each.energy_j / each.duration_s for each in windows]),
        method=windows[0].method,
        boundary=windows[0].boundary,
        windows=len(windows),
    )
