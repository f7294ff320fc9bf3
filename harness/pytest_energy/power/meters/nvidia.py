"""NVIDIA GPUs, by the management library NVML through the package ``nvidia-ml-py``.

The counter of total energy is there since Volta. On older GPUs the power is sampled and integrated.

Source: NVML API reference, ``nvmlDeviceGetTotalEnergyConsumption`` (mJ since the driver was loaded) and
``nvmlDeviceGetPowerUsage`` (mW).
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.power.meter import Component, Meter, MeterReading
from pytest_energy.power.meters.gpu_in_use import GpuAddress, gpu_in_use
from pytest_energy.power.meters.sampled_power import SampledPower

_MILLI = 1e-3
_TICK_S = 0.1
"""How often most GPUs refresh their power: Yang, Adamek, Armour, "Part-time Power Measurements" (SC 2024)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaMeter:
    """The one GPU that is in use.

    Attributes:
        library: The module ``pynvml``, or a fake with its function names.
        handle: The GPU's handle there.
        name: The GPU's name.
        sampled: Integrates its power, where it has no counter; else None.
    """

    library: Any
    handle: Any
    name: str
    sampled: SampledPower | None = None
    kind: str = field(default="nvidia", init=False)

    @property
    def method(self) -> str:
        """Whether the GPU counts by itself."""
        return "sampled NVML power" if self.sampled else "measured NVML energy counter"

    @property
    def tick_s(self) -> float:
        """The counter's, or that of sampling."""
        return self.sampled.period_s if self.sampled else _TICK_S

    @property
    def components(self) -> tuple[Component, ...]:
        """The GPU."""
        boundary = f"the whole board of one {self.name}: memory, idle power and other processes included"
        return (Component(name="gpu", boundary=boundary),)

    def read(self) -> MeterReading:
        """Read the counter.

        Raises:
            MeterUnavailable: The GPU is lost, or the driver was unloaded.
            MeterDenied: This user may not read it any more.
        """
        if self.sampled:
            return MeterReading(energy_j={"gpu": self.sampled.read_j()})
        counted = asked(self.library, lambda: self.library.nvmlDeviceGetTotalEnergyConsumption(self.handle))
        return MeterReading(energy_j={"gpu": counted * _MILLI})

    def close(self) -> None:
        """Stop sampling, and give the library back."""
        if self.sampled:
            self.sampled.stop()
        with suppress(self.library.NVMLError):
            self.library.nvmlShutdown()


def open_nvidia(address: GpuAddress, now: Callable[[], float], library: Any = None) -> Meter:
    """Open the GPU that a process uses.

    Args:
        address: What is known of that GPU.
        now: Reads wall time in s, for sampling.
        library: The module ``pynvml``, or a fake; None to import it.

    Raises:
        MeterUnavailable: There is no NVML or no GPU, it is not known which, or it tells neither energy nor
            power.
        MeterDenied: This user may not read it.
    """
    nvml = _imported() if library is None else library
    asked(nvml, nvml.nvmlInit)
    try:
        handle = asked(nvml, lambda: gpu_in_use(nvml, address))
        name = _text(asked(nvml, lambda: nvml.nvmlDeviceGetName(handle)))
        return NvidiaMeter(library=nvml, handle=handle, name=name, sampled=_sampled(nvml, handle, now))
    except (MeterUnavailable, MeterDenied):
        nvml.nvmlShutdown()
        raise


def asked(nvml: Any, question: Callable[[], Any]) -> Any:
    """Ask the library, and turn its errors into ours.

    Raises:
        MeterUnavailable: It cannot tell.
        MeterDenied: It may not tell this user.
    """
    try:
        return question()
    except nvml.NVMLError_NoPermission as error:
        raise MeterDenied(
            f"NVML does not let this user read the GPU's energy ({error}). Ask for access to /dev/nvidia*, "
            "or start the container with the driver capability `utility`."
        ) from error
    except (nvml.NVMLError_LibraryNotFound, nvml.NVMLError_DriverNotLoaded) as error:
        raise MeterUnavailable(
            f"There is no NVIDIA driver here ({error}). In a container, start it with --gpus and the driver "
            "capability `utility`."
        ) from error
    except nvml.NVMLError as error:
        raise MeterUnavailable(f"NVML cannot read the GPU: {error}. `nvidia-smi` says more.") from error


def _imported() -> Any:
    try:
        import pynvml
    except ImportError as error:
        raise MeterUnavailable(
            'NVIDIA GPUs are read by the package nvidia-ml-py: pip install "pytest-energy[nvidia]".'
        ) from error
    return pynvml


def _sampled(nvml: Any, handle: Any, now: Callable[[], float]) -> SampledPower | None:
    """Return a sampler of the GPU's power where it does not count energy; None where it does."""
    try:
        nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except nvml.NVMLError_NotSupported:
        sampled = SampledPower(
            power_w=lambda: asked(nvml, lambda: nvml.nvmlDeviceGetPowerUsage(handle)) * _MILLI, now=now
        )
        sampled.start()
        return sampled
    except nvml.NVMLError:
        asked(nvml, lambda: nvml.nvmlDeviceGetTotalEnergyConsumption(handle))
    return None


def _text(name: str | bytes) -> str:
    # Releases of nvidia-ml-py before 12 returned bytes.
    return name.decode(errors="replace") if isinstance(name, bytes) else name
