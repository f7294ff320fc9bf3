"""What ONNX Runtime raises, told in a sentence: what it means, and what to do about it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_energy.errors import HarnessError, ModelError

# Where in its own source it raised, before what it says: a path, a line, and a signature or a condition.
_SOURCE_LOCATION = re.compile(r"/\S+\.(?:cc|cpp|h|cu):\d+ .*?(?:\) (?=\[?[A-Z])|was false\. )")
_LONGEST = 400

# What ONNX Runtime's messages mean to a user, by a part of the message.
_MEANINGS = (
    (
        ("protobuf parsing failed", "no graph was found in the protobuf", "error parsing"),
        "The file is damaged, truncated, or no ONNX model",
        "Export or download it again",
    ),
    (
        ("escapes model directory", "absolute path not allowed", "absolute paths not allowed"),
        "The weights lie outside the model's folder, which is refused: a model could read any file",
        "Export it with its weights beside it",
    ),
    (
        ("external data", "external_data", "cannot get file size"),
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
    told = f"ONNX Runtime {runtime_version()} said: {said}"
    for parts, meaning, remedy in _MEANINGS:
        if any(part in said.lower() for part in parts):
            return f"{what}. {meaning}. {remedy}. {told}"
    return f"{what}. Check it with onnx.checker.check_model, or export it again. {told}"


def first_words(message: str) -> str:
    """Return what ONNX Runtime says, on one line and without where in its source it was raised."""
    return _SOURCE_LOCATION.sub("", " ".join(message.split()))[:_LONGEST]


def runtime_version() -> str:
    """The version of ONNX Runtime."""
    import onnxruntime

    return str(onnxruntime.__version__)
