"""Write the model that ``pytest-energy noise`` measures where none is named.

It has to be small, since it ships with the package, and yet cost about what a small network does: six
convolutions share one kernel, so that 10 kB of weights make 1 ms of work. Its weights are random.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PATH = Path(__file__).parents[1] / "harness/pytest_energy/runner/noise.onnx"
CHANNELS, SIDE, LAYERS = 16, 64, 6


def noise_model() -> onnx.ModelProto:
    """Return the model: convolutions with shortcuts, and a mean over the image at the end."""
    generator = np.random.default_rng(20260101)
    scale = (2 / (9 * CHANNELS)) ** 0.5  # keeps the size of activations from layer to layer
    kernel = (scale * generator.standard_normal((CHANNELS, CHANNELS, 3, 3))).astype(np.float32)
    nodes = []
    last = "image"
    for layer in range(LAYERS):
        nodes += [
            helper.make_node("Conv", [last, "kernel"], [f"filtered_{layer}"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"filtered_{layer}"], [f"positive_{layer}"]),
            helper.make_node("Add", [f"positive_{layer}", last], [f"sum_{layer}"]),
        ]
        last = f"sum_{layer}"
    nodes.append(helper.make_node("GlobalAveragePool", [last], ["means"]))
    graph = helper.make_graph(
        nodes,
        "noise",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, CHANNELS, SIDE, SIDE])],
        [helper.make_tensor_value_info("means", TensorProto.FLOAT, [1, CHANNELS, 1, 1])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    """Check the model and write it."""
    model = noise_model()
    onnx.checker.check_model(model, full_check=True)
    PATH.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
