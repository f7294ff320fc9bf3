"""The Software Carbon Intensity of a step: ((E x I) + M) per R, ISO/IEC 21031:2024, with R one step."""

from pytest_energy.results.energy import CarbonIntensity, SciScore

_J_PER_KWH = 3.6e6


def sci_score(energy_j: float, intensity: CarbonIntensity, pue: float) -> SciScore:
    """Return the emissions of one step.

    Args:
        energy_j: E in J per step, at the machine.
        intensity: I.
        pue: Power usage effectiveness, 1 or more: what the building draws for each joule of the machine.

    The embodied part M is left out: it depends on the machine's lifetime and use, which nobody has told us.
    """
    return SciScore(
        operational_g=energy_j / _J_PER_KWH * pue * intensity.g_per_kwh,
        embodied_g=None,
        intensity=intensity,
        pue=pue,
    )
