"""RAPL: the energy counters of Intel and AMD processors, as Linux shows them under powercap.

Package zones are what is counted, and DRAM apart. Left out are ``core`` and ``uncore``, which are parts of a
package; ``psys``, which holds the package and more; and what shows a second time what another zone shows: the
zones of ``intel-rapl-mmio``, and dies that each read the counter of the whole package, as AMD's may.

Sources: Documentation/power/powercap/powercap.rst and drivers/powercap/intel_rapl_common.c of Linux; its
commit "perf/x86/rapl: Fix the energy-pkg event for AMD CPUs" on dies; CVE-2020-8694 on why only root reads.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.power.meter import Component, MeterReading

POWERCAP = Path("/sys/class/powercap")
"""Where Linux shows the zones, all of them side by side."""

ReadText = Callable[[Path], str]
"""Reads a file; raises OSError as the system does."""

_PACKAGE = re.compile(r"package-\d+(-die-\d+)?")
_MICRO = 1e-6
_TICK_S = 1e-3  # Intel SDM vol. 3B, 15.10: the counters move about every millisecond


def read_text(path: Path) -> str:
    """Read a small text file of the system."""
    return path.read_text(encoding="utf-8", errors="replace")


@dataclass(slots=True, kw_only=True)
class Zone:
    """One powercap zone, its counter unwrapped.

    Attributes:
        folder: Its folder.
        name: What it is called, e.g. ``package-0``.
        range_uj: The count at which it starts again; 0 where that is unknown.
        read: Reads its files.
    """

    folder: Path
    name: str
    range_uj: int
    read: ReadText
    _last_uj: int = field(default=0, init=False)
    _turns: int = field(default=0, init=False)

    @classmethod
    def of(cls, folder: Path, name: str, read: ReadText) -> Self:
        """Look at a zone, and read it once.

        Raises:
            MeterDenied, MeterUnavailable: It cannot be read.
        """
        try:
            range_uj = int(read(folder / "max_energy_range_uj"))
        except (OSError, ValueError):
            range_uj = 0
        zone = cls(folder=folder, name=name, range_uj=range_uj, read=read)
        zone._last_uj = zone.count_uj()
        return zone

    def count_uj(self) -> int:
        """Return the bare count in uJ, which wraps around.

        Raises:
            MeterDenied: This user may not read it.
            MeterUnavailable: It is gone, or no number.
        """
        path = self.folder / "energy_uj"
        try:
            return int(self.read(path))
        except PermissionError as error:
            raise MeterDenied(
                f"The RAPL counter {path} is there, but this user may not read it: Linux keeps it for root. "
                f"Until the next boot `sudo chmod a+r {self.folder.parent}/intel-rapl*/energy_uj` opens it."
            ) from error
        except (OSError, ValueError) as error:
            raise MeterUnavailable(
                f"The RAPL counter {path} cannot be read any more: {error}. The driver was unloaded, or the "
                "processor went offline."
            ) from error

    def read_j(self) -> float:
        """Return the J drawn since an arbitrary zero; the counter may have wrapped around once."""
        count = self.count_uj()
        if count < self._last_uj and self.range_uj:
            self._turns += 1
        self._last_uj = count
        return (self._turns * self.range_uj + count) * _MICRO


@dataclass(frozen=True, slots=True, kw_only=True)
class RaplMeter:
    """The packages of this machine, and their DRAM where the processor counts it.

    Attributes:
        packages: Package zones, no two of which count the same.
        memories: DRAM zones, likewise.
    """

    packages: Sequence[Zone]
    memories: Sequence[Zone] = ()
    kind: str = field(default="rapl", init=False)
    method: str = field(default="measured RAPL package", init=False)
    tick_s: float = field(default=_TICK_S, init=False)

    @property
    def components(self) -> tuple[Component, ...]:
        """The processor, and DRAM where it is counted."""
        count = len(self.packages)
        whole = f"{count} whole package{'s' if count > 1 else ''}: idle power and neighbours included"
        cpu = Component(name="cpu", boundary=whole)
        dram = Component(name="dram", boundary="memory on its controllers, neighbours included")
        return (cpu, dram) if self.memories else (cpu,)

    def read(self) -> MeterReading:
        """Read all zones.

        Raises:
            MeterDenied: This user may not read one any more.
            MeterUnavailable: One is gone.
        """
        read = {"cpu": sum(zone.read_j() for zone in self.packages)}
        if self.memories:
            read["dram"] = sum(zone.read_j() for zone in self.memories)
        return MeterReading(energy_j=read)

    def close(self) -> None:
        """Nothing is held: files are opened for each reading, so that a driver may be unloaded."""


def open_rapl(root: Path = POWERCAP, read: ReadText = read_text) -> RaplMeter:
    """Find the packages of this machine.

    Args:
        root: The folder of powercap; another one in tests.
        read: Reads a file; a fake refuses to.

    Raises:
        MeterUnavailable: There are none; the message says what may help.
        MeterDenied: They are there, but this user may not read them.
    """
    packages = list(_packages(root, read))
    if not packages:
        raise MeterUnavailable(_why_none(root))
    own = _without_mirrors([Zone.of(folder, name, read) for folder, name in packages])
    memories = [
        Zone.of(folder, "dram", read)
        for zone in own
        for folder in sorted(root.glob(f"{zone.folder.name}:*"))
        if _name(folder, read) == "dram"
    ]
    return RaplMeter(packages=own, memories=_without_mirrors(memories))


def _packages(root: Path, read: ReadText) -> Iterator[tuple[Path, str]]:
    """Yield the package zones with their names, each name once."""
    seen = set()
    # "intel-rapl:0" comes before "intel-rapl-mmio:0", which shows the same package through other registers.
    for folder in sorted(root.glob("intel-rapl*:*"), key=_place):
        name = _name(folder, read)
        if folder.name.count(":") == 1 and _PACKAGE.fullmatch(name) and name not in seen:
            seen.add(name)
            yield folder, name


def _place(folder: Path) -> tuple[bool, list[int]]:
    control, *numbers = folder.name.split(":")
    return control != "intel-rapl", [int(number) for number in numbers if number.isdigit()]


def _without_mirrors(zones: Sequence[Zone]) -> Sequence[Zone]:
    """Leave out every zone that shows the same counter as one before it."""
    own: list[Zone] = []
    for zone in zones:
        if not any(_is_mirror(zone, earlier) for earlier in own):
            own.append(zone)
    return own


def _is_mirror(zone: Zone, of: Zone) -> bool:
    """Whether two zones show one counter: one's count then lies between two readings of the other's.

    Counters of their own differ by the kilojoules that their parts drew since the machine was switched on; a
    microsecond lies between these readings.
    """
    return of.count_uj() <= zone.count_uj() <= of.count_uj()


def _why_none(root: Path) -> str:
    if not root.is_dir():
        return (
            f"There is no {root}: this is no Linux on Intel or AMD, or a container or virtual machine from "
            "which the processor's energy counters are hidden."
        )
    return (
        f"{root} shows no processor package. On a bare machine `sudo modprobe intel_rapl_msr` may add them; "
        "containers and virtual machines mostly hide them."
    )


def _name(folder: Path, read: ReadText) -> str:
    try:
        return read(folder / "name").strip()
    except OSError:
        return ""
