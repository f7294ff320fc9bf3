"""Notes on a result: sentences that its reader must know."""

from collections.abc import Iterator, Sequence

from pytest_energy.quantities import format_quantity
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import Pins
from pytest_energy.runner.sampled import Sampled
from pytest_energy.statistics.feed_spread import feed_spread
from pytest_energy.statistics.process_estimate import feed_costs


def notes(benchmark: Benchmark, taken: Sequence[Sampled]) -> tuple[str, ...]:
    """Say what was unusual about what was fed, what came out, and where it ran."""
    said = list(dict.fromkeys(note for each in taken for note in each.notes))
    if spread := feed_spread([feed_costs(each.samples) for each in taken if each.samples]):
        low, high = (format_quantity(each, "s") for each in (spread.low_s, spread.high_s))
        said.append(f"cost differs between inputs: {low} to {high} of CPU time")
    if not all(each.finite for each in taken):
        said.append(
            "outputs hold NaN or infinities for every feed that was tried: the cost may not be typical"
        )
    if benchmark.mode == "callable":
        said.append("one process: measured in pytest's own process, so there is no interval")
    factors, placement = taken[0].factors, taken[0].placement
    if factors.software_device:
        said.append(
            f"{benchmark.provider} ran on {factors.device}, a program on the processor: no GPU took part, "
            "and the figures say nothing of one"
        )
    if placement and placement.disputed:
        said.append(f"{benchmark.provider}: {placement.disputed}; the profile is believed")
    return tuple(said)


def power_note(pins: Pins, *, counted: bool) -> str:
    """Say what power of the accelerator the energy is computed with."""
    if counted:
        return f"the accelerator drew {pins.device_power_w:.3g} W by its counter while it was waited for"
    if pins.device_power_w is None:
        return "what the accelerator draws is not known: energy is that of the processor alone"
    return (
        f"the accelerator is taken to draw {pins.device_power_w:.3g} W while it is waited for, as in "
        "published workloads: its utilisation is not known"
    )


def pace_notes(benchmark: Benchmark, duration_s: float) -> Iterator[str]:
    """Say where steps take longer than the pace at which they arrive."""
    pace_s = benchmark.pace_s
    if pace_s is not None and duration_s > pace_s:
        yield (
            f"the pace of {format_quantity(pace_s, 's')} is not kept: a step takes "
            f"{format_quantity(duration_s, 's')} from its arrival to its end, so steps queue up"
        )
