"""NVML without a GPU: a fake of the module ``pynvml`` with its real names, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class NVMLError(Exception):
    """An error of the library."""


class NVMLError_NotSupported(NVMLError):  # noqa: N801 - the library's name
    """The GPU does not tell that."""


class NVMLError_NoPermission(NVMLError):  # noqa: N801
    """This user may not know that."""


class NVMLError_LibraryNotFound(NVMLError):  # noqa: N801
    """There is no driver's library."""


class NVMLError_DriverNotLoaded(NVMLError):  # noqa: N801
    """The driver is not loaded."""


class NVMLError_GpuIsLost(NVMLError):  # noqa: N801
    """The GPU fell off the bus."""


@dataclass(slots=True, kw_only=True)
class Gpu:
    """One GPU of the fake, to be changed at will.

    Attributes:
        name: Its name.
        uuid: Its UUID.
        energy_mj: Its counter; None for a GPU without one.
        power_mw: Its power; None for a GPU that does not tell.
        mig: Whether it is divided; None for a GPU that cannot be.
        pids: Processes that use it.
        fault: Raised instead of any answer.
    """

    name: str = "NVIDIA A100-SXM4-40GB"
    uuid: str = "GPU-0"
    energy_mj: int | None = 0
    power_mw: int | None = None
    mig: bool | None = None
    pids: Sequence[int] = ()
    fault: NVMLError | None = None


@dataclass(slots=True, kw_only=True)
class NvmlDouble:
    """Stands for the module ``pynvml``.

    Attributes:
        gpus: The GPUs, in the order of the PCI bus.
        init_fault: Raised by ``nvmlInit``.
        users: Initialisations that were not shut down.
    """

    gpus: Sequence[Gpu] = ()
    init_fault: NVMLError | None = None
    users: int = field(default=0, init=False)

    NVMLError = NVMLError
    NVMLError_NotSupported = NVMLError_NotSupported
    NVMLError_NoPermission = NVMLError_NoPermission
    NVMLError_LibraryNotFound = NVMLError_LibraryNotFound
    NVMLError_DriverNotLoaded = NVMLError_DriverNotLoaded
    NVMLError_GpuIsLost = NVMLError_GpuIsLost

    def nvmlInit(self) -> None:  # noqa: N802
        """Count a user of the library."""
        if self.init_fault:
            raise self.init_fault
        self.users += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        """Count one user less."""
        self.users -= 1

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        """Return the number of GPUs."""
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Gpu:  # noqa: N802
        """Return a GPU; it is its own handle."""
        return self.gpus[index]

    def nvmlDeviceGetName(self, handle: Gpu) -> str:  # noqa: N802
        """Return its name."""
        return str(self._answer(handle, handle.name))

    def nvmlDeviceGetUUID(self, handle: Gpu) -> str:  # noqa: N802
        """Return its UUID."""
        return str(self._answer(handle, handle.uuid))

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Gpu) -> int:  # noqa: N802
        """Return its counter in mJ."""
        return int(self._answer(handle, handle.energy_mj))

    def nvmlDeviceGetPowerUsage(self, handle: Gpu) -> int:  # noqa: N802
        """Return its power in mW."""
        return int(self._answer(handle, handle.power_mw))

    def nvmlDeviceGetMigMode(self, handle: Gpu) -> list[int]:  # noqa: N802
        """Return whether it is divided: now, and after the next reset."""
        mode = self._answer(handle, handle.mig)
        return [int(mode), int(mode)]

    def nvmlDeviceGetComputeRunningProcesses(self, handle: Gpu) -> list[Any]:  # noqa: N802
        """Return the processes that compute on it."""
        return [SimpleNamespace(pid=pid) for pid in self._answer(handle, handle.pids)]

    def nvmlDeviceGetGraphicsRunningProcesses(self, handle: Gpu) -> list[Any]:  # noqa: N802
        """Return the processes that draw on it."""
        return list(self._answer(handle, ()))

    @staticmethod
    def _answer(handle: Gpu, value: Any) -> Any:
        if handle.fault:
            raise handle.fault
        if value is None:
            raise NVMLError_NotSupported("Not Supported")
        return value
