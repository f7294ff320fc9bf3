"""An ONNX Runtime session whose settings are explicit, and whose faults speak plainly."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_energy.errors import HarnessError, ModelError, ProviderUnavailable
from pytest_energy.providers import ExecutionProvider

GRAPH_OPTIMIZATION = "all"

# What ONNX Runtime's messages mean to a user, by a part of the message.
_MEANINGS = (
    (
        ("protobuf parsing failed", "no graph was found in the protobuf", "error parsing"),
        "The file is damaged, truncated, or no ONNX model",
        "Export or download it again",
    ),
    (
        ("opset", "ir_version", "ir version"),
        "This ONNX Runtime does not support the model's opset or IR version",
        "Upgrade onnxruntime, or export the model for an older opset",
    ),
    (
        ("is not a registered function/op", "no op registered for", "custom op"),
        "The model uses an operator that this ONNX Runtime does not have",
        "Custom operator libraries are not loaded; replace the operator, or export the model without it",
    ),
    (
        ("not_implemented", "could not find an implementation"),
        "This ONNX Runtime has no kernel for a node of the model on this provider",
        "Choose another provider or data type",
    ),
    (
        ("bad allocation", "failed to allocate", "bad_alloc"),
        "The model asks for more memory than there is",
        "Use a smaller batch or a larger machine",
    ),
)


def runtime_errors() -> tuple[type[BaseException], ...]:
    """Return the exceptions that ONNX Runtime raises; they share no class of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = tuple(
        value for value in vars(state).values() if isinstance(value, type) and issubclass(value, Exception)
    )
    return (*own, RuntimeError, ValueError, MemoryError)


def open_session(model: str, provider: ExecutionProvider, threads: int) -> Any:
    """Create an inference session with nothing left to defaults that differ from machine to machine.

    Args:
        model: Path of the model.
        provider: Where it must run; the CPU provider is listed behind it for what it cannot run.
        threads: Intra-op threads.

    Raises:
        ModelError: ONNX Runtime cannot load the model.
        ProviderUnavailable: This build of ONNX Runtime has no such provider.
    """
    import onnxruntime

    _require(provider, onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    names = list(dict.fromkeys([provider.name, "CPUExecutionProvider"]))
    with explained(f"The model {model} cannot be loaded"):
        return onnxruntime.InferenceSession(model, options, providers=names)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn what ONNX Runtime raises into a ModelError that says what it means and what to do.

    Raises:
        ModelError: ONNX Runtime raised.
    """
    try:
        yield
    except HarnessError:
        raise
    except runtime_errors() as error:
        raise ModelError(explanation(what, error)) from error


def explanation(what: str, error: BaseException) -> str:
    """Say in one paragraph what went wrong, what it means, what to do, and what ONNX Runtime said."""
    said = " ".join(str(error).split())[:400]
    for parts, meaning, remedy in _MEANINGS:
        if any(part in said.lower() for part in parts):
            return f"{what}. {meaning}. {remedy}. ONNX Runtime {_version()} said: {said}"
    return f"{what}. ONNX Runtime {_version()} said: {said}"


def _require(provider: ExecutionProvider, available: list[str]) -> None:
    if provider.name in available:
        return
    remedy = (
        f"Install {provider.package} in an environment of its own (the onnxruntime wheels overwrite each other)"
        if provider.package
        else "It needs a build of ONNX Runtime by its vendor"
    )
    raise ProviderUnavailable(
        f"The execution provider {provider.short} ({provider.name}) is not in ONNX Runtime {_version()}, which has "
        f"{', '.join(available)}. {remedy}, or leave the provider out with --energy-provider cpu."
    )


def _version() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)


def thread_variables() -> dict[str, str]:
    """Return the variables of this process that change how ONNX Runtime, OpenMP and OpenBLAS run."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(("ORT_", "OMP_", "OPENBLAS_", "MKL_"))
    }
