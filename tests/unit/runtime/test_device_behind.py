from types import SimpleNamespace

import pytest

from pytest_energy.providers import provider_named
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runtime.device_behind import Device, device_behind, is_software
from pytest_energy.runtime.provider_library import FoundProvider
from pytest_energy.runtime.vulkan import VulkanDevice, VulkanKind

SWIFTSHADER = VulkanDevice(name="SwiftShader Device (Subzero)", kind=VulkanKind.CPU)
ARC = VulkanDevice(name="Intel(R) Arc(tm)", kind=VulkanKind.INTEGRATED)
L4 = VulkanDevice(name="NVIDIA L4", kind=VulkanKind.DISCRETE)


def ep_device(kind, vendor="", ep_name="any", **metadata):
    hardware = SimpleNamespace(type=SimpleNamespace(name=kind), vendor=vendor, metadata=metadata)
    return SimpleNamespace(device=hardware, ep_name=ep_name, ep_metadata={})


def behind(name, *devices, vulkan=(), root=None, **options):
    provider = provider_named(name)
    return device_behind(
        FoundProvider(provider=provider, devices=devices),
        SessionSettings(provider_options=options),
        vulkan=lambda: vulkan,
        **({} if root is None else {"root": root}),
    )


def test_the_processor_needs_no_name():
    assert behind("cpu") == behind("xnnpack") == behind("openvino") == Device()


def test_an_option_names_the_device_of_openvino():
    assert behind("openvino", device_type="GPU.0") == Device(name="GPU.0", software=False)


def test_webgpu_alone_on_a_software_rasteriser_is_found_out():
    assert behind("webgpu", vulkan=[SWIFTSHADER]) == Device(name=SWIFTSHADER.name, software=True)


def test_a_real_gpu_is_preferred_and_a_discrete_one_to_an_integrated_one():
    assert behind("webgpu", vulkan=[SWIFTSHADER, ARC, L4]) == Device(name="NVIDIA L4", software=False)
    assert behind("webgpu", vulkan=[SWIFTSHADER, ARC]) == Device(name="Intel(R) Arc(tm)", software=False)


def test_a_gpu_that_says_it_is_real_but_has_a_programs_name_is_none():
    pretender = VulkanDevice(name="llvmpipe (LLVM 15)", kind=VulkanKind.OTHER)
    assert behind("webgpu", vulkan=[pretender]).software is True


def test_where_nothing_can_be_asked_nothing_is_claimed():
    assert behind("webgpu") == Device(name=None, software=None)


def test_nvidia_gpus_are_named_by_their_driver(tmp_path):
    for bus, model in (("0000:01:00.0", "NVIDIA H100"), ("0000:02:00.0", "NVIDIA L4")):
        folder = tmp_path / "proc/driver/nvidia/gpus" / bus
        folder.mkdir(parents=True)
        (folder / "information").write_text(f"Model: \t\t {model}\nIRQ:   \t 1\n")
    assert behind("cuda", root=tmp_path) == Device(name="NVIDIA H100", software=False)
    assert behind("tensorrt", root=tmp_path, device_id="1") == Device(name="NVIDIA L4", software=False)
    assert behind("cuda", root=tmp_path, device_id="7") == Device()


def test_a_plugins_device_describes_itself():
    assert behind("nv-tensorrt-rtx", ep_device("GPU", "NVIDIA", Description="RTX 5090")) == Device(
        name="GPU NVIDIA RTX 5090", software=False
    )
    assert behind("ggml", ep_device("CPU", "AMD")) == Device()
    assert behind(
        "webgpu", ep_device("GPU", "Microsoft", Description="Microsoft Basic Render Driver")
    ) == Device(name="GPU Microsoft Microsoft Basic Render Driver", software=True)


@pytest.mark.parametrize("name", ["SwiftShader Device (LLVM 16)", "llvmpipe (LLVM 19.1)", "WARP", "pocl-cpu"])
def test_programs_are_known_by_their_names(name):
    assert is_software(name)
    assert not is_software("AMD Radeon PRO W7900")
