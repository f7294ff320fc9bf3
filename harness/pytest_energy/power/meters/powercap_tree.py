"""A powercap tree in a folder: a fake of what Linux shows under /sys/class/powercap, for tests."""

import errno
from dataclasses import dataclass, field
from pathlib import Path

RANGE_UJ = 262_143_328_850
"""The count at which the counters of usual servers start again: 2^32 units of 61 uJ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowercapTree:
    """Writes zones as the driver ``intel_rapl`` shows them.

    Attributes:
        root: The folder that stands for ``/sys/class/powercap``.
    """

    root: Path
    _denied: set[Path] = field(default_factory=set, init=False)

    def read(self, path: Path) -> str:
        """Read a file; a zone that was denied raises, even for root, whom file permissions do not stop.

        Raises:
            OSError: As the system does.
        """
        if path in self._denied:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return path.read_text(encoding="ascii")

    def add(self, zone: str, name: str, energy_uj: int = 0, range_uj: int | None = RANGE_UJ) -> Path:
        """Add a zone, e.g. ``intel-rapl:0`` with the name ``package-0``; return its folder.

        Args:
            zone: Its folder: the control type and numbers, ``intel-rapl:0:1`` for a zone below another.
            name: What its file ``name`` says.
            energy_uj: Its count.
            range_uj: The count at which it starts again; None for a zone that does not tell.
        """
        folder = self.root / zone
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n", encoding="ascii")
        if range_uj is not None:
            (folder / "max_energy_range_uj").write_text(f"{range_uj}\n", encoding="ascii")
        self.set(zone, energy_uj)
        return folder

    def set(self, zone: str, energy_uj: int) -> None:
        """Let a zone show a count."""
        (self.root / zone / "energy_uj").write_text(f"{energy_uj}\n", encoding="ascii")

    def deny(self, zone: str) -> None:
        """Take away the right to read a zone's count, as Linux does for all but root."""
        self._denied.add(self.root / zone / "energy_uj")

    def remove(self, zone: str) -> None:
        """Take away a zone's files, as when the driver is unloaded."""
        folder = self.root / zone
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
