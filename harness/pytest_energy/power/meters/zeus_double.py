"""Zeus without sensors: a fake of what is used of the package, with its real names, for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class ZeusBaseError(Exception):
    """An error of the package."""


@dataclass(slots=True, kw_only=True)
class AmdGpu:
    """One AMD GPU of the fake, to be changed at will.

    Attributes:
        energy_mj: Its counter; None where zeus does not trust it.
        power_mw: Its average power; None where it does not tell.
    """

    energy_mj: int | None = 0
    power_mw: int | None = None


@dataclass(slots=True, kw_only=True)
class AmdGpus:
    """The visible AMD GPUs."""

    gpus: Sequence[AmdGpu]

    def __len__(self) -> int:
        return len(self.gpus)

    def supports_get_total_energy_consumption(self, gpu_index: int) -> bool:
        """Whether a GPU has a counter that can be trusted."""
        return self.gpus[gpu_index].energy_mj is not None

    def get_total_energy_consumption(self, gpu_index: int) -> int:
        """Return a GPU's counter in mJ."""
        return _known(self.gpus[gpu_index].energy_mj)

    def get_average_power_usage(self, gpu_index: int) -> int:
        """Return a GPU's power in mW."""
        return _known(self.gpus[gpu_index].power_mw)


@dataclass(slots=True, kw_only=True)
class Chip:
    """An Apple or Jetson chip.

    Attributes:
        fields: What a measurement of zeus holds, in mJ; None where there is no sensor.
    """

    fields: Mapping[str, int | None]

    def get_total_energy_consumption(self) -> Any:
        """Return a measurement."""
        return SimpleNamespace(**self.fields)


@dataclass(slots=True, kw_only=True)
class ZeusDouble:
    """Stands for the package.

    Attributes:
        gpus: AMD GPUs; None where AMD's library is missing.
        chip: The chip; None where it is none that zeus knows.
    """

    gpus: AmdGpus | None = None
    chip: Chip | None = None
    ZeusBaseError: type[Exception] = field(default=ZeusBaseError, init=False)

    def amdsmi_is_available(self) -> bool:
        """Whether AMD's library is there."""
        return self.gpus is not None

    def AMDGPUs(self) -> Any:  # noqa: N802 - the package's name
        """Return the GPUs."""
        if not self.gpus:
            raise ZeusBaseError("no AMD GPU")
        return self.gpus

    def get_soc(self) -> Any:
        """Return the chip."""
        if self.chip is None:
            raise ZeusBaseError("No observable SoC was found on the current machine.")
        return self.chip


def _known(value: int | None) -> int:
    if value is None:
        raise ZeusBaseError("not supported")
    return value
