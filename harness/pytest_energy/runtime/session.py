"""An ONNX Runtime session whose settings are explicit, and whose faults speak plainly."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_energy.errors import HarnessError, ModelError, ProviderUnavailable
from pytest_energy.providers import ExecutionProvider

GRAPH_OPTIMIZATION = "all"

# Where in its own source ONNX Runtime raised: a path, a line and a signature before what it says.
_SOURCE_LOCATION = re.compile(r"/onnxruntime_src/\S+:\d+ .*?\) (?=[A-Z])")
_LONGEST = 400

# What ONNX Runtime's messages mean to a user, by a part of the message.
_MEANINGS = (
    (
        ("protobuf parsing failed", "no graph was found in the protobuf", "error parsing"),
        "The file is damaged, truncated, or no ONNX model",
        "Export or download it again",
    ),
    (
        ("external data", "external_data"),
        "The weights that lie beside the model are missing, or not where the model says",
        "Copy them beside it, under the name that they were exported with",
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
        ("bad allocation", "failed to allocate", "bad_alloc", "unable to allocate"),
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


def open_session(
    model: str,
    provider: ExecutionProvider,
    threads: int,
    *,
    spinning: bool = False,
    profile: str | None = None,
) -> Any:
    """Create an inference session with nothing left to defaults that differ from machine to machine.

    Args:
        model: Path of the model.
        provider: Where it must run; the CPU provider is listed behind it for what it cannot run.
        threads: Intra-op threads.
        spinning: Whether these threads spin while they wait within a step. Between steps they never do: what
            runs next would be billed for it.
        profile: First part of the path of a profile to write, which slows every step; None for none.

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
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = profile
    names = list(dict.fromkeys([provider.name, "CPUExecutionProvider"]))
    with explained(f"The model {model} cannot be loaded"):
        # Without the fallback, which would try again on the CPU alone, and print that it did.
        return onnxruntime.InferenceSession(model, options, providers=names, enable_fallback=0)


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
    said = first_words(str(error))
    told = f"ONNX Runtime {_version()} said: {said}"
    for parts, meaning, remedy in _MEANINGS:
        if any(part in said.lower() for part in parts):
            return f"{what}. {meaning}. {remedy}. {told}"
    return f"{what}. Check it with onnx.checker.check_model, or export it again. {told}"


def first_words(message: str) -> str:
    """Return what ONNX Runtime says, on one line and without where in its source it was raised."""
    return _SOURCE_LOCATION.sub("", " ".join(message.split()))[:_LONGEST]


def runtime_fault() -> str | None:
    """Say why ONNX Runtime cannot be used by this interpreter; None where it can."""
    try:
        import onnxruntime
    except ImportError as error:
        return _unusable(f"cannot be imported by {sys.executable} ({error})")
    # Wheels overwrite each other: where one was removed, what is left of the others may be an empty folder.
    if not hasattr(onnxruntime, "InferenceSession"):
        return _unusable(f"is damaged for {sys.executable}: its wheels overwrite each other. Remove them all")
    if not hasattr(onnxruntime.InferenceSession, "get_provider_graph_assignment_info"):
        return _unusable(f"{_version()} is too old: it does not tell where nodes run. 1.24 does")
    return None


def _unusable(why: str) -> str:
    return (
        f"ONNX Runtime {why}. Install one of its wheels: "
        'pip install "pytest-energy[cpu]", or [gpu], [openvino], [webgpu].'
    )


def _require(provider: ExecutionProvider, available: list[str]) -> None:
    if provider.name in available:
        return
    remedy = (
        f"Install {provider.package} in an environment of its own (the wheels overwrite each other)"
        if provider.package
        else "It needs a build of ONNX Runtime by its vendor"
    )
    raise ProviderUnavailable(
        f"The execution provider {provider.short} ({provider.name}) is not in ONNX Runtime {_version()}, "
        f"which has {', '.join(available)}. {remedy}, or leave the provider out with --energy-provider cpu."
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
