"""The conditions of a run: machine, power profile and electricity, the same for all its benchmarks."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_energy.environment import Machine
from pytest_energy.footprint.carbon import intensity_of, user_intensity
from pytest_energy.footprint.embodied import EmbodiedChoice
from pytest_energy.footprint.energy import core_power_w
from pytest_energy.power.catalogue import profile_named
from pytest_energy.power.detection import FoundAccelerator, detect_accelerators, detect_profile
from pytest_energy.power.profile import AcceleratorProfile, PowerProfile
from pytest_energy.power.surroundings import Surroundings
from pytest_energy.providers import PROVIDERS
from pytest_energy.results.energy import CarbonIntensity, Embodied, Pins, Pue

# Whose accelerators a provider runs on. Others run on those of several vendors, or on part of a processor.
_MAKERS = {each.short: each.vendor for each in PROVIDERS if each.vendor}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What holds for every benchmark of a run.

    Attributes:
        machine: This machine.
        profile: Its power profile.
        intensity: Carbon intensity of its electricity.
        pue: Power usage effectiveness of its building.
        embodied: Device whose making is counted too; None to leave it out.
        notes: What a reader must know, e.g. that the profile is a guess.
        accelerators: What drivers show, with their power profiles.
    """

    machine: Machine
    profile: PowerProfile
    intensity: CarbonIntensity
    pue: Pue
    embodied: EmbodiedChoice | None = None
    notes: tuple[str, ...] = ()
    accelerators: tuple[FoundAccelerator, ...] = ()

    @property
    def profile_in_words(self) -> str:
        """The power profile with the factors of its band: ``generic-cpu x0.5..x2.5``."""
        return f"{self.profile.id} x{self.profile.band_low:g}..x{self.profile.band_high:g}"

    @property
    def carbon_in_words(self) -> str:
        """Carbon intensity and PUE: ``458 g/kWh, world average 2025 (lifecycle), PUE 1``."""
        return f"{self.intensity.in_words}, {self.pue.in_words}"

    def reserved_by(self, threads: int) -> Embodied | None:
        """Return the device whose making is counted, with the share that so many threads reserve of it."""
        return self.embodied.reserved_by(threads, _units(self.profile)) if self.embodied else None

    def accelerator_of(self, provider: str | None) -> AcceleratorProfile | None:
        """Return the profile of what a provider runs on; None where that, or its power, is not known surely.

        Args:
            provider: Short name of the execution provider.
        """
        vendor = _MAKERS.get(provider or "")
        made = [one for one in self.accelerators if vendor and vendor in one.maker]
        profiles = {one.profile for one in made}
        return profiles.pop() if len(profiles) == 1 else None

    def pins(self, threads: int, accelerator: AcceleratorProfile | None = None) -> Pins:
        """Return what figures of a benchmark are computed with.

        Args:
            threads: Threads that compute.
            accelerator: What is waited for, where its power is known.
        """
        return Pins(
            profile=self.profile.id,
            core_power_w=core_power_w(self.profile, threads),
            intensity=self.intensity,
            pue=self.pue.value,
            device_power_w=accelerator.power_w(None) if accelerator else None,
        )


def find_conditions(  # noqa: PLR0913 - one argument per setting that plays a part
    machine: Machine,
    variables: Mapping[str, str],
    *,
    profile: str | None,
    region: str | None,
    intensity: float | None,
    pue: Pue,
    embodied: EmbodiedChoice | None = None,
    around: Surroundings | None = None,
) -> Conditions:
    """Find out what the user did not say; guesses and defaults become notes.

    Args:
        machine: This machine.
        variables: The environment variables, by which CI runners are recognised.
        profile: Id or file of a power profile; None to detect it.
        region: Code of a place; None for the world average.
        intensity: gCO2e per kWh; takes precedence over ``region``.
        pue: Power usage effectiveness.
        embodied: Device whose making is counted too; None to leave it out.
        around: What the machine's other files tell; None where nobody looked.

    Raises:
        ProfileError: The profile is unknown or faulty.
        CarbonError: The region is unknown, or the intensity out of range.
    """
    notes: list[str] = []
    if profile is None:
        detection = detect_profile(machine, variables, around)
        chosen = detection.profile
        if not detection.certain:
            notes.append(detection.because)
    else:
        chosen = profile_named(profile)
    carbon = intensity_of(region) if intensity is None else user_intensity(intensity)
    if region is None and intensity is None:
        notes.append(f"world average {carbon.g_per_kwh:g} g/kWh ({carbon.year}), no region given")
    if embodied and embodied.reserved_by(1, _units(chosen)) is None:
        notes.append(
            f"embodied emissions are unknown: the profile {chosen.id} does not tell what part of a "
            "device this machine is. Say it behind the device, e.g. --energy-embodied server,share=4/128"
        )
    return Conditions(
        machine=machine,
        profile=chosen,
        intensity=carbon,
        pue=pue,
        embodied=embodied,
        notes=tuple(notes),
        accelerators=detect_accelerators(around or Surroundings()),
    )


def _units(profile: PowerProfile) -> int | None:
    """Return what the whole machine or host has of cores or threads; None for an unknown processor."""
    return profile.cpu.units if profile.follows_threads or profile.cpu.vcpus else None
