"""Provider faults: what it means when a provider cannot be made, and what the user must install."""

import re
from collections.abc import Sequence

from pytest_energy.providers import ExecutionProvider
from pytest_energy.runtime.log_line import LogLine

# A shared library that a provider is linked with, as the loaders of Linux, macOS and Windows name it.
_MISSING_LIBRARY = re.compile(
    r"(?P<linux>lib[\w.+-]+\.so[.\d]*): cannot open shared object|Library not loaded: (?P<mac>\S+)"
    r"|which depends on \"?(?P<windows>[\w.+-]+\.dll)\"? which is missing"
)
# Who brings it, by the beginning of its name.
_BROUGHT_BY = (
    ("libvulkan", "Debian and Ubuntu have it in libvulkan1, Fedora in vulkan-loader"),
    (
        ("libcudnn", "cudnn"),
        "it is cuDNN: install nvidia-cudnn-cu12, or the version that this build asks for",
    ),
    (
        ("libcublas", "libcudart", "libcufft", "libcurand", "cublas", "cudart"),
        "it is CUDA: install its toolkit",
    ),
    (("libnvinfer", "libnvonnxparser", "nvinfer"), "it is TensorRT: install tensorrt"),
    (("libmigraphx", "libamdhip", "librocm", "libhip"), "it is ROCm: install it with MIGraphX"),
    (("libopenvino", "openvino"), "it is OpenVINO: install openvino in the version of this build"),
    (("libascendcl", "libge_runner"), "it is CANN: install its toolkit, and source its set_env.sh"),
)
# Parts of messages that say that the device is missing, and what to do.
_NO_DEVICE = (
    (
        ("failed to get a webgpu adapter", "no supported adapters"),
        "WebGPU finds no adapter",
        "Install a GPU driver for Vulkan, or name its file in VK_ICD_FILENAMES; a container needs the device",
    ),
    (
        ("cuda driver version is insufficient", "cudaerrorinsufficientdriver"),
        "The NVIDIA driver is too old for the CUDA of this build",
        "Upgrade the driver, or install an onnxruntime-gpu for an older CUDA",
    ),
    (
        ("no cuda-capable device", "cudaerrornodevice", "cuda failure 100", "cuda failure 35"),
        "There is no NVIDIA GPU that can be used",
        "Check nvidia-smi; a container needs --gpus all",
    ),
    (
        ("device gpu is not available", "device npu is not available", "failed to get device"),
        "OpenVINO has no such device here",
        'Choose device_type = "CPU" in its provider_options, or install the driver of the GPU or NPU',
    ),
    (
        ("no hip", "hiperrornodevice", "hip failure 100"),
        "There is no AMD GPU that can be used",
        "Check rocminfo; a container needs /dev/kfd and /dev/dri",
    ),
    (
        ("dxgi_error", "no adapter", "d3d12createdevice"),
        "Direct3D 12 finds no adapter",
        "Install a GPU driver",
    ),
)


def device_fault(provider: ExecutionProvider, said: str, printed: Sequence[LogLine]) -> str | None:
    """Say why a provider cannot run on this machine; None where a message is about something else.

    Args:
        provider: The provider.
        said: What ONNX Runtime raised or logged.
        printed: All that was printed meanwhile: libraries print of what they miss, and raise something vague.
    """
    text = "\n".join([said, *(line.message for line in printed if line.level not in {"V", "I"})])
    missing = _MISSING_LIBRARY.search(text)
    told = f"It said: {said.rstrip('.')}."
    if missing:
        library = next(name for name in missing.groups() if name)
        return (
            f"{provider.short} cannot be used: the library {library} is missing; {_origin(library)}. {told}"
        )
    for parts, meaning, remedy in _NO_DEVICE:
        if any(part in text.lower() for part in parts):
            return f"{provider.short} cannot be used. {meaning}. {remedy}. {told}"
    return None


def _origin(library: str) -> str:
    for beginnings, words in _BROUGHT_BY:
        if library.startswith(beginnings):
            return words
    return "install what brings it, or add its folder to the loader's path"
