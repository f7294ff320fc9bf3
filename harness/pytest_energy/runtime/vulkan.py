"""Vulkan: which devices its loader lists, asked through the C interface, without a package for it."""

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

_LIBRARY = "libvulkan.so.1"
_SUCCESS, _INCOMPLETE = 0, 5
_INSTANCE_CREATE_INFO = 1
_MOST = 16
# VkPhysicalDeviceProperties: four 32-bit numbers, the kind, the name, then limits; 824 bytes in all.
_PROPERTIES_BYTES = 1024
_KIND_AT, _NAME_AT, _NAME_BYTES = 16, 20, 256


class VulkanKind(IntEnum):
    """VkPhysicalDeviceType of the Vulkan specification."""

    OTHER = 0
    INTEGRATED = 1
    DISCRETE = 2
    VIRTUAL = 3
    CPU = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VulkanDevice:
    """One physical device.

    Attributes:
        name: What its driver calls it.
        kind: What it is; a program that computes on the processor says ``CPU``.
    """

    name: str
    kind: VulkanKind


class _InstanceCreateInfo(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.c_void_p),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


def vulkan_devices(load: Callable[[str], Any] = ctypes.CDLL) -> tuple[VulkanDevice, ...]:
    """Return every device, in the loader's order; none where there is no loader or no driver.

    Args:
        load: Loads a shared library.
    """
    if sys.platform != "linux":
        return ()
    try:
        library = load(_LIBRARY)
    except OSError:
        return ()
    instance = ctypes.c_void_p()
    info = _InstanceCreateInfo(type=_INSTANCE_CREATE_INFO)
    if library.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance)) != _SUCCESS:
        return ()
    try:
        return _listed(library, instance)
    finally:
        library.vkDestroyInstance(instance, None)


def _listed(library: Any, instance: ctypes.c_void_p) -> tuple[VulkanDevice, ...]:
    count = ctypes.c_uint32(_MOST)
    handles = (ctypes.c_void_p * _MOST)()
    answer = library.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles)
    if answer not in {_SUCCESS, _INCOMPLETE}:
        return ()
    return tuple(_described(library, handle) for handle in handles[: count.value])


def _described(library: Any, handle: int | None) -> VulkanDevice:
    properties = ctypes.create_string_buffer(_PROPERTIES_BYTES)
    library.vkGetPhysicalDeviceProperties(ctypes.c_void_p(handle), properties)
    kind = int.from_bytes(properties.raw[_KIND_AT:_NAME_AT], sys.byteorder)
    name = properties.raw[_NAME_AT : _NAME_AT + _NAME_BYTES].split(b"\0", 1)[0].decode(errors="replace")
    known = VulkanKind(kind) if kind in {each.value for each in VulkanKind} else VulkanKind.OTHER
    return VulkanDevice(name=name, kind=known)
