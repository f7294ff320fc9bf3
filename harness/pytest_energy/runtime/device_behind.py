"""The device behind a provider: its name, and whether it is a program that pretends to be one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runtime.provider_library import FoundProvider, described
from pytest_energy.runtime.vulkan import VulkanDevice, VulkanKind, vulkan_devices

_VULKAN = "WebGpuExecutionProvider"
_NVIDIA = ("CUDAExecutionProvider", "TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider")
# Rasterisers and drivers that compute on the processor, by a part of the names that they give themselves:
# SwiftShader, Mesa's llvmpipe and lavapipe, Windows' WARP, and pocl.
_SOFTWARE = ("swiftshader", "llvmpipe", "lavapipe", "microsoft basic render", "warp", "pocl", "softpipe")
_RANK = (VulkanKind.DISCRETE, VulkanKind.INTEGRATED, VulkanKind.VIRTUAL, VulkanKind.OTHER, VulkanKind.CPU)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a provider computes on.

    Attributes:
        name: What its driver or the provider calls it; None for the processor, or where it is unknown.
        software: Whether it is a program on the processor; None where that is unknown.
    """

    name: str | None = None
    software: bool | None = None


def device_behind(
    found: FoundProvider,
    settings: SessionSettings,
    *,
    vulkan: Callable[[], Sequence[VulkanDevice]] = vulkan_devices,
    root: Path = Path("/"),
) -> Device:
    """Find out what a provider computes on, as far as that can be told without it.

    Args:
        found: The provider.
        settings: Its options may choose the device.
        vulkan: Lists the devices of Vulkan.
        root: Where ``proc`` is mounted; another folder in tests.
    """
    provider = found.provider
    if found.devices:
        return _of_plugin(found, vulkan)
    if provider.device == "cpu":
        return Device()
    if provider.name == _VULKAN:
        return _best(vulkan())
    if provider.name in _NVIDIA:
        return _numbered(_nvidia_names(root), settings.provider_options.get("device_id", "0"))
    kind = settings.provider_options.get("device_type", "CPU").upper()
    if provider.short == "openvino":
        return Device() if kind == "CPU" else Device(name=kind, software=False)
    return Device()


def is_software(name: str) -> bool:
    """Whether a device's name is that of a program."""
    return any(part in name.lower() for part in _SOFTWARE)


def _of_plugin(found: FoundProvider, vulkan: Callable[[], Sequence[VulkanDevice]]) -> Device:
    name = described(found.devices[0])
    if found.provider.name == _VULKAN:
        best = _best(vulkan())
        return best if best.name else Device(name=name, software=is_software(name))
    on_processor = found.devices[0].device.type.name == "CPU"
    return Device() if on_processor else Device(name=name, software=is_software(name))


def _best(devices: Sequence[VulkanDevice]) -> Device:
    """Choose as Dawn does, which WebGPU is built on: real devices before programs, discrete ones first."""
    if not devices:
        return Device()
    best = min(devices, key=lambda each: _RANK.index(each.kind))
    return Device(name=best.name, software=best.kind is VulkanKind.CPU or is_software(best.name))


def _nvidia_names(root: Path) -> list[str]:
    """Return the GPUs' models, in the order of the bus, as the driver tells them below /proc."""
    names = []
    for path in sorted((root / "proc/driver/nvidia/gpus").glob("*/information")):
        fields = (line.partition(":") for line in path.read_text(errors="replace").splitlines())
        names += [value.strip() for key, _, value in fields if key.strip() == "Model"]
    return names


def _numbered(names: Sequence[str], number: str) -> Device:
    known = number.isdigit() and int(number) < len(names)
    return Device(name=names[int(number)], software=False) if known else Device()
