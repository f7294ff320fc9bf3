"""The table of ONNX Runtime's execution providers: their names, what carries them, and what they run on."""

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from pytest_energy.errors import SettingsError

DeviceKind = Literal["cpu", "gpu", "npu", "any"]
"""What a provider computes on; ``any`` where its options or its library decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginPackage:
    """A distribution that brings a provider as a library, which ONNX Runtime loads while it runs.

    Attributes:
        package: The distribution to install.
        module: The module that it installs.
        path_function: The function of that module which returns the path of the library.
        needs: What the machine must have for it to list a device; empty for what the provider needs.
    """

    package: str
    module: str
    path_function: str = "get_library_path"
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionProvider:
    """What runs the nodes of a model.

    Attributes:
        short: The name that users write.
        name: The name that ONNX Runtime uses.
        device: What it computes on.
        package: The wheel of ONNX Runtime that has it built in; None where there is none.
        needs: What the machine must have besides, in words.
        plugin: The distribution that brings it as a plugin; None where there is none.
        systems: Values of ``platform.system()`` on which it exists; empty for all.
        memory: Name of its own memory, as IO binding knows it; None where inputs and outputs lie on the host.
        session_memory: Name of a memory that nobody but its sessions can put values into; None where there is
            none.
        vendor: Whose GPUs it computes on; None for other devices, or any maker's.
        threads_option: Its own option for the number of threads, where it has a pool of its own; None where
            it takes ONNX Runtime's.
    """

    short: str
    name: str
    device: DeviceKind = "any"
    package: str | None = None
    needs: str = ""
    plugin: PluginPackage | None = None
    systems: tuple[str, ...] = ()
    memory: str | None = None
    session_memory: str | None = None
    vendor: Literal["nvidia", "amd"] | None = None
    threads_option: str | None = None


_NVIDIA = "an NVIDIA GPU and its driver"
_VULKAN = "a GPU with a driver for Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS)"

PROVIDERS: tuple[ExecutionProvider, ...] = (
    ExecutionProvider(short="cpu", name="CPUExecutionProvider", device="cpu", package="onnxruntime"),
    ExecutionProvider(
        short="cuda",
        name="CUDAExecutionProvider",
        device="gpu",
        memory="cuda",
        vendor="nvidia",
        package="onnxruntime-gpu",
        needs=f"{_NVIDIA}, CUDA and cuDNN",
    ),
    ExecutionProvider(
        short="tensorrt",
        name="TensorrtExecutionProvider",
        device="gpu",
        memory="cuda",
        vendor="nvidia",
        package="onnxruntime-gpu",
        needs=f"{_NVIDIA}, CUDA, cuDNN and TensorRT",
    ),
    ExecutionProvider(
        short="nv-tensorrt-rtx",
        name="NvTensorRTRTXExecutionProvider",
        device="gpu",
        vendor="nvidia",
        needs="an NVIDIA RTX GPU and its driver",
        plugin=PluginPackage(
            package="onnxruntime-ep-nv-tensorrt-rtx", module="onnxruntime_ep_nv_tensorrt_rtx"
        ),
    ),
    ExecutionProvider(
        short="openvino",
        name="OpenVINOExecutionProvider",
        package="onnxruntime-openvino",
        needs="nothing for device_type CPU, an Intel GPU or NPU and its driver for the others",
        threads_option="num_of_threads",
        plugin=PluginPackage(
            package="onnxruntime-ep-openvino",
            module="onnxruntime_ep_openvino",
            needs="a processor, GPU or NPU by Intel",
        ),
    ),
    ExecutionProvider(
        short="webgpu",
        name="WebGpuExecutionProvider",
        device="gpu",
        package="onnxruntime-webgpu",
        needs=_VULKAN,
        session_memory="webgpu",
        plugin=PluginPackage(package="onnxruntime-ep-webgpu", module="onnxruntime_ep_webgpu"),
    ),
    ExecutionProvider(
        short="ggml",
        name="ggml",
        needs="nothing for device cpu, a GPU and its driver for gpu",
        threads_option="threads",
        plugin=PluginPackage(
            package="onnxruntime-ggml", module="onnxruntime_ggml", path_function="library_path"
        ),
    ),
    ExecutionProvider(
        short="mlx",
        name="MLXExecutionProvider",
        device="gpu",
        needs="Apple silicon",
        plugin=PluginPackage(
            package="onnxruntime-ep-mlx", module="onnxruntime_ep_mlx", path_function="library_path"
        ),
        systems=("Darwin",),
    ),
    ExecutionProvider(
        short="dml",
        name="DmlExecutionProvider",
        device="gpu",
        memory="dml",
        package="onnxruntime-directml",
        needs="a GPU with a driver for Direct3D 12",
        systems=("Windows",),
    ),
    ExecutionProvider(
        short="coreml",
        name="CoreMLExecutionProvider",
        package="onnxruntime",
        needs="macOS or iOS",
        systems=("Darwin", "iOS"),
    ),
    ExecutionProvider(
        short="qnn",
        name="QNNExecutionProvider",
        device="npu",
        needs="a Qualcomm NPU and its driver",
        plugin=PluginPackage(package="onnxruntime-qnn", module="onnxruntime_qnn"),
    ),
    ExecutionProvider(
        short="migraphx",
        name="MIGraphXExecutionProvider",
        device="gpu",
        vendor="amd",
        package="onnxruntime-migraphx",
        needs="an AMD GPU, ROCm and MIGraphX",
        systems=("Linux", "Windows"),
    ),
    ExecutionProvider(
        short="rocm",
        name="ROCMExecutionProvider",
        device="gpu",
        memory="cuda",  # ONNX Runtime calls the memory of AMD GPUs so too, where it was built with ROCm
        vendor="amd",
        package="onnxruntime-rocm",
        needs="an AMD GPU and ROCm; ONNX Runtime 1.23 dropped it in favour of migraphx",
        systems=("Linux",),
    ),
    ExecutionProvider(
        short="cann",
        name="CANNExecutionProvider",
        device="npu",
        memory="cann",
        package="onnxruntime-cann",
        needs="a Huawei Ascend NPU and CANN",
        systems=("Linux",),
    ),
    ExecutionProvider(
        short="vitisai",
        name="VitisAIExecutionProvider",
        device="npu",
        needs="an AMD NPU and Ryzen AI software",
    ),
    ExecutionProvider(
        short="xnnpack",
        name="XnnpackExecutionProvider",
        device="cpu",
        threads_option="intra_op_num_threads",
    ),
    ExecutionProvider(short="dnnl", name="DnnlExecutionProvider", device="cpu"),
    ExecutionProvider(short="acl", name="ACLExecutionProvider", device="cpu", needs="an Arm processor"),
    ExecutionProvider(
        short="armnn", name="ArmNNExecutionProvider", needs="an Arm processor or GPU, and Arm NN"
    ),
    ExecutionProvider(short="nnapi", name="NnapiExecutionProvider", needs="Android", systems=("Android",)),
    ExecutionProvider(
        short="vsinpu", name="VSINPUExecutionProvider", device="npu", needs="a VeriSilicon NPU and TIM-VX"
    ),
    ExecutionProvider(
        short="rknpu", name="RknpuExecutionProvider", device="npu", needs="a Rockchip NPU and its DDK"
    ),
    ExecutionProvider(
        short="azure",
        name="AzureExecutionProvider",
        needs="models made of calls to an endpoint: it computes nothing here",
    ),
    ExecutionProvider(short="js", name="JsExecutionProvider", needs="a browser", systems=("Emscripten",)),
    ExecutionProvider(
        short="webnn", name="WebNNExecutionProvider", needs="a browser", systems=("Emscripten",)
    ),
)


def provider_named(text: str, libraries: Collection[str] = ()) -> ExecutionProvider:
    """Find a provider by its short name or ONNX Runtime's name, in any case.

    Args:
        text: What the user wrote.
        libraries: Names that the user gave to plugin libraries; these are known as they are written.

    Raises:
        SettingsError: No provider has that name; the nearest known one is offered.
    """
    wanted = text.strip().lower()
    for provider in PROVIDERS:
        if wanted in {provider.short, provider.name.lower()}:
            return provider
    for name in libraries:
        if wanted == name.lower():
            return ExecutionProvider(short=name, name=name)
    known = [*libraries, *(provider.short for provider in PROVIDERS)]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise SettingsError(
        f"No execution provider is named {text!r}. {hint}Known: {', '.join(known)}. A plugin's library gets "
        "a name of its own by --energy-ep-library NAME=PATH."
    )


def short_names(names: Iterable[str], libraries: Collection[str] = ()) -> tuple[str, ...]:
    """Return the short names of providers, each once, in the order in which they were named.

    Args:
        names: What the user wrote.
        libraries: Names that the user gave to plugin libraries.

    Raises:
        SettingsError: One of them is unknown.
    """
    return tuple(dict.fromkeys(provider_named(name, libraries).short for name in names))
