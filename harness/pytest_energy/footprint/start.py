"""What it costs to start: session creation and first run, apart from the steps that follow."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from pytest_energy.results.energy import Pins
from pytest_energy.results.phase import Phase
from pytest_energy.results.samples import ProcessSamples
from pytest_energy.statistics.trimmed import typical

_LEAST_S = 1e-9  # what the clock cannot see still took some time: logarithms must stay finite

Times = Callable[[ProcessSamples], tuple[float | None, float | None]]


def start_phases(samples: Sequence[ProcessSamples], pins: Pins) -> tuple[Phase, ...]:
    """Return the phases that every process went through; none for a callable, which has no session.

    Args:
        samples: What the processes read.
        pins: Give the powers of a busy core and of the device.
    """
    return tuple(
        _phase(name, [times(each) for each in samples], pins)
        for name, times in _PHASES
        if samples and all(None not in times(each) for each in samples)
    )


_PHASES: tuple[tuple[str, Times], ...] = (
    ("session creation", lambda one: (one.load_s, one.load_cpu_s)),
    ("first run", lambda one: (one.first_run_s, one.first_run_cpu_s)),
)


def _phase(name: str, times: Iterable[tuple[float | None, float | None]], pins: Pins) -> Phase:
    durations_s, cpus_s = zip(*times, strict=True)
    duration_s, cpu_s = typical(list(_positive(durations_s))), typical(list(_positive(cpus_s)))
    energy_j = cpu_s * pins.core_power_w + duration_s * (pins.device_power_w or 0.0)
    return Phase(name=name, duration_s=duration_s, cpu_s=cpu_s, energy_j=energy_j)


def _positive(times: Iterable[float | None]) -> Iterator[float]:
    return (max(each or 0.0, _LEAST_S) for each in times)
