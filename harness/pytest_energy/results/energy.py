"""Energy and emissions of one step, each with its method, its source and its uncertainty."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonIntensity:
    """Emissions of electricity at a place.

    Attributes:
        g_per_kwh: gCO2e per kWh.
        place: The place, in words.
        code: Its code, e.g. ``FR`` or ``US-CA``; ``WORLD``; ``user`` for a user's own figure.
        year: The year that the figure is for; None where the source gives none.
        basis: What it counts, e.g. lifecycle or direct.
        source: Where it was published.
    """

    g_per_kwh: float
    place: str
    code: str
    year: int | None
    basis: str
    source: str

    @property
    def kind(self) -> str:
        """What grams may be compared by: ``lifecycle``, ``direct`` ...; the first words of ``basis``."""
        return re.split("[,:]", self.basis, maxsplit=1)[0]

    @property
    def in_words(self) -> str:
        """The figure with all that it depends on: ``458 g/kWh, world average 2025 (lifecycle)``."""
        place = f"{self.place} {self.year or ''}".strip()
        return f"{self.g_per_kwh:g} g/kWh, {place} ({self.kind})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pue:
    """Power usage effectiveness: what a building draws for each joule of its machines.

    Attributes:
        value: The ratio, 1 or more.
        place: Whose it is, in words; empty for a bare number.
        year: The year that it is for; None where nobody says.
        source: Where it was published.
    """

    value: float
    place: str
    year: int | None
    source: str

    @property
    def in_words(self) -> str:
        """The ratio and whose it is: ``PUE 1.11 (aws/eu-west-1 2024)``."""
        whose = f"{self.place} {self.year or ''}".strip()
        return f"PUE {self.value:g}" + (f" ({whose})" if whose else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Embodied:
    """What making a device emitted, and how much of it is reserved.

    Attributes:
        device: The device, in words.
        kg: KgCO2e of making it.
        band_low: Lower end of the band, as a factor on ``kg``.
        band_high: Upper end of that band.
        lifetime_years: Years over which that is spread.
        share: Part of the device that is reserved, from 0 to 1.
        source: Where the figure was published.
    """

    device: str
    kg: float
    band_low: float
    band_high: float
    lifetime_years: float
    share: float
    source: str

    @property
    def in_words(self) -> str:
        """The device and what is counted of it: ``rack server of 1200 kg over 4 years, 1/64 reserved``."""
        share = f"1/{1 / self.share:.3g}" if self.share < 1 else "all"
        return f"{self.device} of {self.kg:g} kg over {self.lifetime_years:g} years, {share} reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What a baseline holds fixed, so that a greener grid or a better profile never looks like better code.

    Attributes:
        profile: Id of the power profile.
        core_power_w: Power of one busy core by that profile: joules per CPU-second.
        device_power_w: Power of the accelerator at work: joules per second of wall time; None where none is
            used, or where its power is unknown.
        intensity: Carbon intensity.
        pue: Power usage effectiveness.
    """

    profile: str
    core_power_w: float
    intensity: CarbonIntensity
    pue: float
    device_power_w: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredEnergy:
    """What an energy counter showed of one component, beside what is modelled.

    Attributes:
        component: What was counted: ``cpu``, ``dram``, ``gpu``, ``soc``.
        energy_j: J per step.
        random_j: Half-width of its band from process to process; None if unknown.
        power_w: J per second of the window.
        method: How the joules came about, e.g. ``measured RAPL package``.
        boundary: What they include, in words.
        windows: How many windows were read.
    """

    component: str
    energy_j: float
    random_j: float | None
    power_w: float
    method: str
    boundary: str
    windows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyEstimate:
    """Energy of one step.

    Attributes:
        energy_j: What the gate judges: energy of the processor in J per step, without DRAM.
        random_j: Half-width of its band from timing, at the confidence of the interval; None if unknown.
        systematic_low: Lower end of the profile's band, as a factor on ``energy_j``, e.g. 0.5.
        systematic_high: Upper end of that band, e.g. 2.
        method: ``modelled``; or ``partly measured``, where an accelerator counts what it draws, and only the
            part of the processor is modelled.
        profile: Id of the power profile.
        parts_j: J per step by component; None is unknown. ``dram`` is shown, never gated, and so is ``wait``:
            what idle cores draw between steps that arrive at a pace.
        measured: What energy counters showed; empty where there are none.
        marginal_j: What of ``energy_j`` load adds to an idle processor; the rest is its share of idle power.
            None where it is not known, as in files of earlier versions.
    """

    energy_j: float
    random_j: float | None
    systematic_low: float
    systematic_high: float
    method: str
    profile: str
    parts_j: Mapping[str, float | None] = field(default_factory=dict)
    measured: tuple[MeasuredEnergy, ...] = ()
    marginal_j: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SciScore:
    """Software Carbon Intensity, ((E x I) + M) per R with R one step (ISO/IEC 21031:2024).

    Attributes:
        operational_g: E x I in gCO2e per step, PUE on E.
        embodied_g: M in gCO2e per step; None where it is left out.
        intensity: The carbon intensity I.
        pue: Power usage effectiveness applied to E.
        embodied: The device that M is a part of; None where it is left out.
    """

    operational_g: float
    embodied_g: float | None
    intensity: CarbonIntensity
    pue: float
    embodied: Embodied | None = None
