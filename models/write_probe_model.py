"""Write the model with which ``pytest-energy providers`` tries out execution providers: x times w.

One product of matrices, since every provider has it.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TARGET = Path(__file__).parents[1] / "harness/pytest_energy/runtime/probe.onnx"
SIZE = 16


def probe_model() -> onnx.ModelProto:
    """Return the model."""
    weight = np.eye(SIZE, dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], name="product")],
        "probe",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, SIZE])],
        [numpy_helper.from_array(weight, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


if __name__ == "__main__":
    model = probe_model()
    onnx.checker.check_model(model)
    TARGET.write_bytes(model.SerializeToString())
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")
