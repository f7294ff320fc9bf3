"""Power profiles: what a device draws at idle and under load, with where the figures come from."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_energy.power.generic_model import accelerator_model

GENERIC = "generic-cpu"
"""The profile of a processor of which nothing is known."""

SHIPPED = "ships with pytest-energy"
"""Origin of the profiles that come with this package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """What a curve is the curve of.

    Attributes:
        model: Name of the processor.
        unit: What is counted: ``core`` for physical cores, ``thread`` for hardware threads.
        units: Units that draw the curve's watts together.
        threads_per_unit: Hardware threads on one unit.
        vcpus: Units that belong to the machine, where it is a share of a larger one; else None.
    """

    model: str
    unit: str
    units: int
    threads_per_unit: int = 1
    vcpus: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What main memory draws.

    Attributes:
        w_per_gib: Power in W per GiB.
        low: Lowest plausible power in W per GiB.
        high: Highest plausible power in W per GiB.
        source: Where the figures come from.
    """

    w_per_gib: float
    low: float
    high: float
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """By what a machine shows that a profile is for it. None, or empty, is what tells nothing.

    Attributes:
        variables: Environment variables that are set; the value holds one of the words.
        arch: Names of the machine architecture.
        cpu: Part of the processor's brand string.
        vendor: DMI system vendor.
        part: Vendor and part number of a processor that has no brand string, e.g. ``0x41-0xd0c``.
        board: Part of the board's name in the device tree.
        instance: Family of a cloud instance, e.g. ``c5``.
        virtual: Whether it is a share of a server, or a machine of one's own.
        hidden: Whether the brand string names no model.
    """

    variables: Mapping[str, tuple[str, ...]]
    arch: tuple[str, ...]
    cpu: str | None = None
    vendor: str | None = None
    part: str | None = None
    board: str | None = None
    instance: str | None = None
    virtual: bool | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerProfile:
    """What a processor draws.

    Attributes:
        id: Short name, unique.
        name: The machine in words.
        cpu: What the curve is the curve of.
        follows_threads: Whether the load is the benchmark's own threads. On a shared host, and on an unknown
            processor, it is not known what the other cores do: there it is False, and full load is assumed.
        curve: Points (load from 0 to 1, power in W of all units), rising in load, not falling in power.
        band_low: Lower end of the systematic band, as a factor on the power.
        band_high: Upper end of that band.
        boundary: What the watts include.
        source: Where they come from.
        memory: What main memory draws.
        signature: By what such a machine is recognised; None where it is only chosen by name.
        aliases: Other names.
        rated_w: Rated power (TDP) of all units, where the curve was made from it; else None.
        limit_w: The power that they sustain, where it is another; else None.
        memory_gib: Main memory of the machine, where the profile is for a kind of machine; else None.
        origin: Who brought it: this package, another one, or a file.
    """

    id: str
    name: str
    cpu: Processor
    follows_threads: bool
    curve: tuple[tuple[float, float], ...]
    band_low: float
    band_high: float
    boundary: str
    source: tuple[str, ...]
    memory: Memory
    signature: Signature | None = None
    aliases: tuple[str, ...] = ()
    rated_w: float | None = None
    limit_w: float | None = None
    memory_gib: float | None = None
    origin: str = SHIPPED

    def power_w(self, load: float) -> float:
        """Return the power of all units in W at a load from 0 to 1, straight between the curve's points."""
        place = max(1, bisect_left([point[0] for point in self.curve], load))
        (load_0, power_0), (load_1, power_1) = self.curve[place - 1], self.curve[place]
        return power_0 + (power_1 - power_0) * (load - load_0) / (load_1 - load_0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorProfile:
    """What an accelerator draws.

    Attributes:
        id: Short name, unique.
        name: The device in words.
        aliases: Other names, by which its driver calls it.
        rated_w: Rated power in W.
        idle_w: Power in W when idle with a context open.
        saturated_w: Power in W when always busy, where it was measured; None for the generic model's.
        band: The systematic band as factors, where it is this profile's own; None for the generic model's.
        boundary: What the watts include.
        source: Where they come from.
        memory_gib: Its memory; None where it is unknown.
        origin: Who brought it.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    rated_w: float
    idle_w: float
    saturated_w: float | None
    band: tuple[float, float] | None
    boundary: str
    source: tuple[str, ...]
    memory_gib: float | None = None
    origin: str = SHIPPED

    def power_w(self, utilisation: float | None) -> float:
        """Return the power in W at a utilisation from 0 to 1; where that is unknown, a typical one."""
        if utilisation is not None and self.saturated_w is not None:
            return self.idle_w + utilisation * (self.saturated_w - self.idle_w)
        return accelerator_model().power_w(self.rated_w, self.idle_w, utilisation)

    def band_at(self, utilisation: float | None) -> tuple[float, float]:
        """Return the factors within which the true power lies at a utilisation."""
        if self.band is not None:
            return self.band
        return accelerator_model().band(
            utilisation_known=utilisation is not None, ceiling=self.rated_w / self.power_w(utilisation)
        )


Profile = PowerProfile | AcceleratorProfile
