"""A trained model as an ``.onnx`` file: self-contained, free of build traces, with notes on its origin."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from digits import Digits

_DATA = "scikit-learn load_digits: E. Alpaydin and C. Kaynak, UCI Machine Learning Repository"


def run(model: onnx.ModelProto, feed: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Return the first output of a model with one input, as ONNX Runtime computes it on the CPU."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: feed})[0]


def accuracy(logits: npt.NDArray[np.float32], digits: Digits) -> float:
    """Return the share of digits, 0 to 1, whose highest logit is that of the right class."""
    return float(np.mean(logits.argmax(axis=1) == digits.labels))


def save(model: onnx.ModelProto, path: Path, held_out: float, notes: Mapping[str, str]) -> None:
    """Check a model, write it with its notes, and print what was written.

    Args:
        model: Loses its doc strings, traces and unused operator sets.
        path: Where it goes; what is there is replaced.
        held_out: Accuracy on the held-out digits, 0 to 1.
        notes: Further metadata, such as the script's name.

    Raises:
        onnx.checker.ValidationError: The model breaks the ONNX specification.
    """
    _remove_traces(model)
    _remove_unused_opsets(model)
    facts = {"held_out_accuracy": f"{held_out:.4f}", "data": _DATA, **notes}
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{path.name}: {path.stat().st_size:,} bytes, held-out accuracy {held_out:.2%}")


def _remove_traces(model: onnx.ModelProto) -> None:
    """Remove what exporters leave behind: stack traces with local paths, and notes for other passes."""
    graph = model.graph
    for part in (
        model,
        graph,
        *graph.node,
        *graph.initializer,
        *graph.input,
        *graph.output,
        *graph.value_info,
    ):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


def _remove_unused_opsets(model: onnx.ModelProto) -> None:
    """Keep the operator sets that nodes use; the quantizer declares every set that ONNX Runtime knows."""
    used = {node.domain for node in model.graph.node}
    kept = [opset for opset in model.opset_import if opset.domain in used]
    model.ClearField("opset_import")
    model.opset_import.extend(kept)
