"""The Software Carbon Intensity of a step: ((E x I) + M) per R, ISO/IEC 21031:2024, with R one step."""

from pytest_energy.results.energy import CarbonIntensity, Embodied, SciScore

_J_PER_KWH = 3.6e6
_S_PER_YEAR = 365.25 * 86_400


def operational_g(energy_j: float, intensity: CarbonIntensity, pue: float) -> float:
    """Return E x I in gCO2e, with PUE on E.

    Args:
        energy_j: E in J, at the machine.
        intensity: I.
        pue: Power usage effectiveness, 1 or more: what the building draws for each joule of the machine.
    """
    return energy_j / _J_PER_KWH * pue * intensity.g_per_kwh


def embodied_g(embodied: Embodied, duration_s: float) -> float:
    """Return M = TE x TS x RS in gCO2e: what making emits, times share of lifetime, times share reserved.

    Args:
        embodied: The device.
        duration_s: Time in s for which it is reserved.
    """
    time_share = duration_s / (embodied.lifetime_years * _S_PER_YEAR)
    return embodied.kg * 1000 * time_share * embodied.share


def sci_score(
    energy_j: float,
    intensity: CarbonIntensity,
    pue: float,
    embodied: Embodied | None = None,
    duration_s: float = 0.0,
) -> SciScore:
    """Return the emissions of one step.

    Args:
        energy_j: E in J per step, at the machine.
        intensity: I.
        pue: Power usage effectiveness, 1 or more.
        embodied: What the step uses up of a device; None where nobody has told, and then M is unknown.
        duration_s: Wall time per step in s.
    """
    return SciScore(
        operational_g=operational_g(energy_j, intensity, pue),
        embodied_g=None if embodied is None else embodied_g(embodied, duration_s),
        intensity=intensity,
        pue=pue,
        embodied=embodied,
    )
