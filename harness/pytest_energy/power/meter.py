"""A meter: a cumulative energy counter, read before and after a window of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from pytest_energy.errors import MeterUnavailable

LEAST_TICKS = 10
"""Ticks of a counter that a window must span: its two ends together then blur it by no more than a fifth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of the machine that a meter counts by itself.

    Attributes:
        name: ``cpu``, ``dram``, ``gpu`` or ``soc``: the names of ``EnergyEstimate.parts_j``.
        boundary: What its joules include, in words, e.g. "2 packages, idle power and neighbours included".
    """

    name: str
    boundary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """What a meter showed at one moment.

    Attributes:
        energy_j: J by the name of a component, cumulative from an arbitrary zero. A component that cannot be
            read is missing: it is never 0.
    """

    energy_j: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "energy_j", MappingProxyType(dict(self.energy_j)))

    def since(self, earlier: "MeterReading") -> Mapping[str, float]:
        """Return the J that each component drew since an earlier reading of the same meter.

        Raises:
            MeterUnavailable: A component vanished, or its counter went backwards, as after a driver's reset.
        """
        gone = [name for name in earlier.energy_j if name not in self.energy_j]
        if gone:
            raise MeterUnavailable(
                f"The energy counter of {', '.join(gone)} vanished while it was read: the window is lost. A "
                "driver was reloaded or a device unplugged; measure again."
            )
        drawn = {name: self.energy_j[name] - before_j for name, before_j in earlier.energy_j.items()}
        for name, joules in drawn.items():
            if joules < 0:
                raise MeterUnavailable(
                    f"The energy counter of {name} went backwards by {-joules:g} J: the window is lost. The "
                    "device or its driver was reset; measure again."
                )
        return drawn


class Meter(Protocol):
    """Reads the energy counter of one device, or of the packages of one machine.

    A counter that wraps around is unwrapped by its meter: it must be read at least once per turn.
    """

    @property
    def kind(self) -> str:
        """Its name in the table of meters, e.g. ``rapl``."""

    @property
    def method(self) -> str:
        """How the joules come about, in words for reports: ``measured RAPL package``."""

    @property
    def components(self) -> tuple[Component, ...]:
        """What it counts."""

    @property
    def tick_s(self) -> float:
        """How often the counter moves, in s; a window lasts ``LEAST_TICKS`` of them or longer."""

    def read(self) -> MeterReading:
        """Read all components.

        Raises:
            MeterUnavailable: The counter is gone.
            MeterDenied: This user may not read it any more.
        """

    def close(self) -> None:
        """Give back what the meter holds: files, a driver's library, a thread."""
