"""From the sensors to the wall: what power supply, board, fans and disks draw beside what is counted."""

from pytest_energy.footprint.band import Banded, total

WHOLE = Banded(value=1.35, low=1.25, high=1.45)
"""Power at the wall of a desktop, per watt of its processor, memory and accelerator: plug meter
against sensors, Fischer 2025 (arXiv:2509.22092)."""

SUPPLY = Banded(value=1.11, low=1.06, high=1.2)
"""Power at the wall per watt behind the power supply: efficiency of 90 %, 83 to 94 %, as the
80 PLUS classes have it."""


def at_the_wall(parts: Banded) -> Banded:
    """Return what a machine draws at the wall, by the sum of its sensors or of their models."""
    return parts.times(WHOLE)


def above_idle(idle: float, more: Banded) -> Banded:
    """Return what a machine draws at the wall whose idle draw there is known.

    Args:
        idle: What it draws at the wall when idle, metered.
        more: What its parts draw beyond their own idle power.
    """
    return total((Banded(value=idle, low=idle, high=idle), more.times(SUPPLY)))
