"""AMD GPUs, Apple silicon and NVIDIA Jetson, by the package ``zeus``.

Zeus gives mJ whatever its names say, and adds nothing up to 0 where there is no sensor. Here a component that
it cannot read is left out.

Source: zeus 0.16, ``zeus.device.soc`` and ``zeus.device.gpu.amd``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pytest_energy.errors import MeterUnavailable
from pytest_energy.power.meter import Component, Meter, MeterReading
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.power.meters.sampled_power import SampledPower

_MILLI = 1e-3
_GPU_TICK_S = 0.1
_SOC_TICK_S = 0.1  # Jetson's rails are polled ten times a second

_BOUNDARIES = {
    "cpu": "all processor cores, other processes included",
    "dram": "memory, other processes included",
    "gpu": "the GPU on the chip, other processes included",
    "npu": "the neural engine, other processes included",
    "soc": "the whole module, other processes included",
}
# Field of a measurement of zeus: our name of the component.
_FIELDS = {
    "cpu_total_mj": "cpu",
    "dram_mj": "dram",
    "gpu_mj": "gpu",
    "ane_mj": "npu",
    "cpu_energy_mj": "cpu",
    "gpu_energy_mj": "gpu",
    "total_energy_mj": "soc",
}


class Zeus(Protocol):
    """What is used of the package, under its own names."""

    @property
    def ZeusBaseError(self) -> type[Exception]:  # noqa: N802 - the package's name
        """What it raises."""

    def get_soc(self) -> Any:
        """Return the chip; raises ZeusBaseError where there is none that it knows."""

    def amdsmi_is_available(self) -> bool:
        """Whether AMD's own library can be used; without it, AMDGPUs fails in ways of its own."""

    def AMDGPUs(self) -> Any:  # noqa: N802 - the package's name
        """Return the visible AMD GPUs; raises ZeusBaseError where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeusSocMeter:
    """A chip of which zeus knows the parts.

    Attributes:
        soc: Zeus's object for it.
        error: What zeus raises.
        names: Components that it could read at the beginning.
    """

    soc: Any
    error: type[Exception]
    names: tuple[str, ...]
    kind: str = field(default="zeus-soc", init=False)
    method: str = field(default="measured by zeus", init=False)
    tick_s: float = field(default=_SOC_TICK_S, init=False)

    @property
    def components(self) -> tuple[Component, ...]:
        """The parts that it tells apart."""
        return tuple(Component(name=name, boundary=_BOUNDARIES[name]) for name in self.names)

    def read(self) -> MeterReading:
        """Read all parts.

        Raises:
            MeterUnavailable: Zeus cannot read the chip any more.
        """
        try:
            return MeterReading(energy_j=_parts_j(self.soc.get_total_energy_consumption()))
        except self.error as error:
            raise MeterUnavailable(f"zeus cannot read this chip any more: {error}.") from error

    def close(self) -> None:
        """Zeus keeps one object per process for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZeusGpuMeter:
    """One AMD GPU.

    Attributes:
        gpu_j: Reads the J that it drew.
        method: Whether it counts by itself.
        sampled: Integrates its power, where it has no trustworthy counter; else None.
    """

    gpu_j: Callable[[], float]
    method: str
    sampled: SampledPower | None = None
    kind: str = field(default="zeus-amd", init=False)
    tick_s: float = field(default=_GPU_TICK_S, init=False)

    @property
    def components(self) -> tuple[Component, ...]:
        """The GPU."""
        return (
            Component(name="gpu", boundary="one AMD GPU: memory, idle power and other processes included"),
        )

    def read(self) -> MeterReading:
        """Read the GPU.

        Raises:
            MeterUnavailable: Zeus cannot read it any more.
        """
        return MeterReading(energy_j={"gpu": self.gpu_j()})

    def close(self) -> None:
        """Stop sampling."""
        if self.sampled:
            self.sampled.stop()


def open_zeus_soc(library: Zeus | None = None) -> Meter:
    """Open the chip that this machine is.

    Args:
        library: The package, or a fake; None to import it.

    Raises:
        MeterUnavailable: There is no zeus, or it knows no sensor here.
    """
    zeus = _imported() if library is None else library
    try:
        soc = zeus.get_soc()
        read = _parts_j(soc.get_total_energy_consumption())
    except zeus.ZeusBaseError as error:
        raise MeterUnavailable(f"zeus finds no chip with sensors here: {error}") from error
    if not read:
        raise MeterUnavailable("zeus knows this chip, but none of its sensors can be read.")
    return ZeusSocMeter(soc=soc, error=zeus.ZeusBaseError, names=tuple(read))


def open_zeus_amd(address: GpuAddress, now: Callable[[], float], library: Zeus | None = None) -> Meter:
    """Open one AMD GPU.

    Args:
        address: Its number among those that HIP_VISIBLE_DEVICES leaves visible.
        now: Reads wall time in s, for sampling.
        library: The package, or a fake; None to import it.

    Raises:
        MeterUnavailable: There is no zeus, no such GPU, or it tells neither energy nor power.
    """
    zeus = _imported() if library is None else library
    if not zeus.amdsmi_is_available():
        raise MeterUnavailable(
            "AMD's library amdsmi cannot be used here: there is no ROCm, or another version than the package "
            "amdsmi was made for."
        )
    try:
        gpus = zeus.AMDGPUs()
        if address.ordinal is None or not 0 <= address.ordinal < len(gpus):
            raise MeterUnavailable(
                f"Which of {len(gpus)} AMD GPUs is in use cannot be told: its number is {address.ordinal}."
            )
        return _gpu_meter(zeus, gpus, address.ordinal, now)
    except zeus.ZeusBaseError as error:
        raise MeterUnavailable(f"zeus cannot read an AMD GPU here: {error}") from error


def _gpu_meter(zeus: Zeus, gpus: Any, ordinal: int, now: Callable[[], float]) -> ZeusGpuMeter:
    def asked(question: Callable[[int], float]) -> float:
        try:
            return question(ordinal) * _MILLI
        except zeus.ZeusBaseError as error:
            raise MeterUnavailable(f"zeus cannot read the AMD GPU {ordinal}: {error}") from error

    if gpus.supports_get_total_energy_consumption(ordinal):
        return ZeusGpuMeter(
            gpu_j=lambda: asked(gpus.get_total_energy_consumption), method="measured AMD energy counter"
        )
    sampled = SampledPower(power_w=lambda: asked(gpus.get_average_power_usage), now=now)
    sampled.start()
    return ZeusGpuMeter(gpu_j=sampled.read_j, method="sampled AMD power", sampled=sampled)


def _parts_j(measurement: Any) -> Mapping[str, float]:
    """Return the parts that have a sensor: zeus says None where there is none."""
    read = {name: getattr(measurement, each) for each, name in _FIELDS.items() if hasattr(measurement, each)}
    return {name: value * _MILLI for name, value in read.items() if value is not None}


def _imported() -> Zeus:
    try:
        from zeus.device.gpu.amd import AMDGPUs, amdsmi_is_available
        from zeus.device.soc import get_soc
        from zeus.exception import ZeusBaseError
    except ImportError as error:
        raise MeterUnavailable(
            "AMD GPUs, Apple silicon and Jetson are read by the package zeus: "
            'pip install "pytest-energy[zeus]".'
        ) from error
    return _Package(
        get_soc=get_soc,
        AMDGPUs=AMDGPUs,
        amdsmi_is_available=amdsmi_is_available,
        ZeusBaseError=ZeusBaseError,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    get_soc: Any
    AMDGPUs: Any
    amdsmi_is_available: Any
    ZeusBaseError: type[Exception]
