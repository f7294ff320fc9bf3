"""The table of ONNX Runtime's execution providers: their names, and which wheel carries them."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_energy.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionProvider:
    """What runs the nodes of a model.

    Attributes:
        short: The name that users write.
        name: The name that ONNX Runtime uses.
        package: The distribution to install where it is missing; None where a vendor builds it.
    """

    short: str
    name: str
    package: str | None


PROVIDERS: tuple[ExecutionProvider, ...] = (
    ExecutionProvider(short="cpu", name="CPUExecutionProvider", package="onnxruntime"),
    ExecutionProvider(short="cuda", name="CUDAExecutionProvider", package="onnxruntime-gpu"),
    ExecutionProvider(short="tensorrt", name="TensorrtExecutionProvider", package="onnxruntime-gpu"),
    ExecutionProvider(short="openvino", name="OpenVINOExecutionProvider", package="onnxruntime-openvino"),
    ExecutionProvider(short="webgpu", name="WebGpuExecutionProvider", package="onnxruntime-webgpu"),
    ExecutionProvider(short="dml", name="DmlExecutionProvider", package="onnxruntime-directml"),
    ExecutionProvider(short="qnn", name="QNNExecutionProvider", package="onnxruntime-qnn"),
    ExecutionProvider(short="coreml", name="CoreMLExecutionProvider", package="onnxruntime"),
    ExecutionProvider(short="xnnpack", name="XnnpackExecutionProvider", package=None),
    ExecutionProvider(short="migraphx", name="MIGraphXExecutionProvider", package="onnxruntime-migraphx"),
)


def provider_named(text: str) -> ExecutionProvider:
    """Find a provider by its short name or ONNX Runtime's name, in any case.

    Raises:
        SettingsError: No provider has that name; the nearest known one is offered.
    """
    wanted = text.strip().lower()
    for provider in PROVIDERS:
        if wanted in {provider.short, provider.name.lower()}:
            return provider
    known = [provider.short for provider in PROVIDERS]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise SettingsError(f"No execution provider is named {text!r}. {hint}Known: {', '.join(known)}.")


def short_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the short names of providers, each once, in the order in which they were named.

    Raises:
        SettingsError: One of them is unknown.
    """
    return tuple(dict.fromkeys(provider_named(name).short for name in names))
