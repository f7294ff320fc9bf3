"""What if: the same steps elsewhere, on other hardware, so many times. Computed anew, never measured anew."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_energy.errors import ProfileError
from pytest_energy.footprint.data_terms import Moved, Stored
from pytest_energy.footprint.embodied import devices
from pytest_energy.footprint.energy import core_power_w
from pytest_energy.footprint.roofline import Peaks, StepWork
from pytest_energy.footprint.sci import embodied_g, operational_g
from pytest_energy.power.profile import AcceleratorProfile, PowerProfile
from pytest_energy.results.energy import CarbonIntensity, Embodied, Pue
from pytest_energy.results.result import Result
from pytest_energy.statistics.trimmed import typical

_J_PER_KWH = 3.6e6
_DAYS_PER_YEAR = 365.25
_OTHER_SPEED = (0.5, 2.0)
"""How much less or more CPU time a step may take on another processor, as factors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """What a step costs on some hardware.

    Attributes:
        name: The hardware.
        method: How the figure came about: ``modelled``, ``measured``, or ``projected`` and by what.
        energy_j: J per step.
        low: Lower end of its systematic band, as a factor.
        high: Upper end.
        duration_s: Wall time per step in s.
        embodied: The device, and how much of it is reserved; None where that is left out or unknown.
        least: Whether the figure is a lower bound.
    """

    name: str
    method: str
    energy_j: float
    low: float
    high: float
    duration_s: float
    embodied: Embodied | None
    least: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the hardware stands.

    Attributes:
        name: The place, as the user wrote it.
        intensity: Carbon intensity of its electricity.
        pue: Power usage effectiveness of its building.
        water_l_per_kwh: Water used on site, in litres per kWh of the machines; None if unknown.
    """

    name: str
    intensity: CarbonIntensity
    pue: Pue
    water_l_per_kwh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How often, for how long, and with what data.

    Attributes:
        requests_per_day: Requests a day, each of which is one step.
        years: For how long.
        stored: Data that is kept for all that time.
        moved: What each request carries; None for nothing that counts.
    """

    requests_per_day: float
    years: float
    stored: tuple[Stored, ...] = ()
    moved: Moved | None = None

    @property
    def requests(self) -> float:
        """Requests in all."""
        return self.requests_per_day * _DAYS_PER_YEAR * self.years


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What all requests come to.

    Attributes:
        hardware: On what.
        place: Where.
        compute_kwh: Energy of the steps at the machine, in kWh.
        operational_g: Emissions of the steps, PUE included.
        embodied_g: Emissions of making the hardware; None where they are left out or unknown.
        stored_g: Emissions of keeping data, PUE included; None where none is kept.
        moved_g: Emissions of moving data; None where none is moved.
        water_l: Water used on site in litres; None if unknown.
    """

    hardware: Hardware
    place: Place
    compute_kwh: float
    operational_g: float
    embodied_g: float | None
    stored_g: float | None
    moved_g: float | None
    water_l: float | None

    @property
    def total_g(self) -> float:
        """All that is known, in gCO2e."""
        parts = (self.operational_g, self.embodied_g, self.stored_g, self.moved_g)
        return sum(part for part in parts if part is not None)

    def band_g(self, demand: Demand) -> tuple[float, float]:
        """Return the ends of the band of the total: each part at its own end, for none averages out."""
        made, moved = self.hardware.embodied, demand.moved
        low = self.operational_g * self.hardware.low + (self.stored_g or 0.0)
        high = self.operational_g * self.hardware.high + (self.stored_g or 0.0)
        if made:
            low += (self.embodied_g or 0.0) * made.band_low
            high += (self.embodied_g or 0.0) * made.band_high
        if moved:
            low += (self.moved_g or 0.0) * moved.low
            high += (self.moved_g or 0.0) * moved.high
        return low, high


def footprint(hardware: Hardware, place: Place, demand: Demand) -> Footprint:
    """Return what all requests come to on some hardware at some place."""
    energy_j = hardware.energy_j * demand.requests
    stored_kwh = sum(one.kwh(demand.years) for one in demand.stored)
    grams_per_kwh = place.intensity.g_per_kwh
    made, moved = hardware.embodied, demand.moved
    kwh = energy_j / _J_PER_KWH
    return Footprint(
        hardware=hardware,
        place=place,
        compute_kwh=kwh,
        operational_g=operational_g(energy_j, place.intensity, place.pue.value),
        embodied_g=None if made is None else embodied_g(made, hardware.duration_s * demand.requests),
        stored_g=stored_kwh * place.pue.value * grams_per_kwh if demand.stored else None,
        moved_g=None if moved is None else moved.kwh(demand.requests) * grams_per_kwh,
        water_l=None if place.water_l_per_kwh is None else (kwh + stored_kwh) * place.water_l_per_kwh,
    )


def as_measured(result: Result, embodied: Embodied | None) -> Hardware:
    """Return the hardware that a step was measured on."""
    energy = result.energy
    return Hardware(
        name=energy.profile,
        method=energy.method,
        energy_j=energy.energy_j,
        low=energy.systematic_low,
        high=energy.systematic_high,
        duration_s=_duration_s(result),
        embodied=embodied or result.score.embodied,
    )


def on_processor(result: Result, profile: PowerProfile, embodied: Embodied | None) -> Hardware:
    """Project a step onto another processor, on which it is taken to need the same CPU time.

    Raises:
        ProfileError: The step did not run on a processor.
    """
    if result.factors.signal != "cpu":
        raise ProfileError(
            f"{result.benchmark.id} ran on a device: its CPU time does not tell what a processor would need. "
            f"Name an accelerator with --profile."
        )
    cpu_s = typical([one.cpu_s for one in result.processes])
    return Hardware(
        name=profile.id,
        method="projected: the same CPU time",
        energy_j=cpu_s * core_power_w(profile, result.benchmark.threads),
        low=profile.band_low * _OTHER_SPEED[0],
        high=profile.band_high * _OTHER_SPEED[1],
        duration_s=_duration_s(result),
        embodied=embodied,
    )


def on_accelerator(
    profile: AcceleratorProfile, limits: Peaks, work: StepWork, precision: str, *, made: bool
) -> Hardware:
    """Project a step onto an accelerator by its roofline, at the power of a busy device: a lower bound.

    Args:
        profile: What the device draws.
        limits: What it can do.
        work: What a step computes and moves.
        precision: Number format of the operations.
        made: Whether making the device counts.
    """
    least_s = limits.least_s(work, precision)
    low, high = profile.band_at(1.0)
    return Hardware(
        name=profile.id,
        method=f"projected: roofline in {precision}, a lower bound",
        energy_j=profile.power_w(1.0) * least_s,
        low=low,
        high=high,
        duration_s=least_s,
        embodied=devices().get(limits.embodied) if made else None,
        least=True,
    )


def by_basis(rows: Sequence[Footprint]) -> Iterator[tuple[str, Sequence[Footprint]]]:
    """Yield the rows that may be compared, by the kind of their carbon intensity, in the order given."""
    for kind in dict.fromkeys(row.place.intensity.kind for row in rows):
        yield kind, [row for row in rows if row.place.intensity.kind == kind]


def _duration_s(result: Result) -> float:
    return typical([one.duration_s for one in result.processes])
