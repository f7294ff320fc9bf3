"""A library with Vulkan's own functions stands for the loader."""

import ctypes
import sys

import pytest

from pytest_energy.runtime.vulkan import VulkanDevice, VulkanKind, vulkan_devices

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux asks Vulkan")


class Loader:
    """Answers as libvulkan does, for devices given as ``(name, kind)``."""

    def __init__(self, *devices, instance=0, enumerate_=0):
        self.devices, self.answers = devices, (instance, enumerate_)
        self.destroyed = False

    def vkCreateInstance(self, info, allocator, instance):  # noqa: N802 - Vulkan's name
        assert info._obj.type == 1
        assert allocator is None
        instance._obj.value = 77
        return self.answers[0]

    def vkEnumeratePhysicalDevices(self, instance, count, handles):  # noqa: N802
        assert instance.value == 77
        count._obj.value = len(self.devices)
        for number in range(len(self.devices)):
            handles[number] = 1000 + number
        return self.answers[1]

    def vkGetPhysicalDeviceProperties(self, handle, properties):  # noqa: N802
        name, kind = self.devices[handle.value - 1000]
        head = (0).to_bytes(16, sys.byteorder) + kind.to_bytes(4, sys.byteorder)
        ctypes.memmove(properties, head + name.encode() + b"\0", 20 + len(name) + 1)

    def vkDestroyInstance(self, instance, allocator):  # noqa: N802
        assert (instance.value, allocator) == (77, None)
        self.destroyed = True


def test_every_device_is_named_with_its_kind():
    loader = Loader(("SwiftShader Device (Subzero)", 4), ("NVIDIA L4", 2), ("new", 9))
    assert vulkan_devices(lambda _: loader) == (
        VulkanDevice(name="SwiftShader Device (Subzero)", kind=VulkanKind.CPU),
        VulkanDevice(name="NVIDIA L4", kind=VulkanKind.DISCRETE),
        VulkanDevice(name="new", kind=VulkanKind.OTHER),
    )
    assert loader.destroyed


def test_a_machine_without_a_loader_has_no_device():
    def missing(name):
        raise OSError(name)

    assert vulkan_devices(missing) == ()


@pytest.mark.parametrize("answers", [{"instance": -9}, {"enumerate_": -3}])
def test_a_loader_without_a_driver_has_none_either(answers):
    assert vulkan_devices(lambda _: Loader(("x", 2), **answers)) == ()
