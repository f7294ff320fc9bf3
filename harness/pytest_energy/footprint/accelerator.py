"""Energy of an accelerator without a counter: idle power, and what utilisation adds, over device time."""

from pytest_energy.footprint.band import Banded
from pytest_energy.power.profile import AcceleratorProfile


def accelerator_energy_j(profile: AcceleratorProfile, device_s: float, utilisation: float | None) -> Banded:
    """Return the energy in J that the device draws, its idle power included.

    Args:
        profile: What it draws.
        device_s: Time that it is reserved for the work in s, from one synchronisation to the next.
        utilisation: Share of that time in which it works, from 0 to 1; None if unknown, and then it is taken
            to be that of published workloads, with their wide band.
    """
    energy_j = profile.power_w(utilisation) * device_s
    return Banded.by_factors(energy_j, *profile.band_at(utilisation))


def accelerator_marginal_j(profile: AcceleratorProfile, device_s: float, utilisation: float | None) -> float:
    """Return the J that the work adds to what the device would have drawn when idle."""
    return max(0.0, profile.power_w(utilisation) - profile.idle_w) * device_s
