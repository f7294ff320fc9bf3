"""Device memory: where inputs and outputs lie, and by what the cost of work on a device is read."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_energy.providers import ExecutionProvider
from pytest_energy.results.samples import Signal
from pytest_energy.runtime.device_behind import Device

HOST = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMemory:
    """A memory, as IO binding names it.

    Attributes:
        name: ``cpu`` for the host's, else that of a device, e.g. ``cuda``.
        number: Number of the device.
        of_sessions: Name of a memory that sessions alone can put values into, where they leave what goes from
            step to step; None where that lies with all else.
    """

    name: str = HOST
    number: int = 0
    of_sessions: str | None = None

    @property
    def on_host(self) -> bool:
        """Whether it is the processor's own."""
        return self.name == HOST


def device_memory(
    provider: ExecutionProvider, options: Mapping[str, str], *, transfer: bool = False
) -> DeviceMemory:
    """Return where a provider finds its inputs and leaves its outputs.

    Args:
        provider: The provider.
        options: Its options, of which ``device_id`` chooses the device.
        transfer: Whether copies to and from the device are part of a step, so that all lies on the host.
    """
    if provider.memory is None or transfer:
        return DeviceMemory(of_sessions=provider.session_memory)
    number = options.get("device_id", "0")
    return DeviceMemory(name=provider.memory, number=int(number) if number.isdecimal() else 0)


def signal_of(provider: ExecutionProvider, device: Device) -> Signal:
    """Say what the cost of a step is read from.

    CPU time where the processor computes, be it as a device that is only a program; else wall time. Where a
    provider that may compute on either does not name a device, it is the processor.
    """
    if provider.device == "cpu" or device.software:
        return "cpu"
    if provider.device == "any" and device.name is None:
        return "cpu"
    return "device"
