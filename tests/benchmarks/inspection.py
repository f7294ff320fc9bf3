"""What inspecting and feeding a large model take: ``python tests/benchmarks/inspection.py``.

Writes a model of 100 MB with 400 nodes, reads its graph in a process of its own as a run does, makes four
feeds, and loads it with ONNX Runtime. Prints the median of seven times each.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.runtime.graph_reader import read_graph
from pytest_energy.workloads.synthesis import synthesize

LAYERS, WIDTH, VOCABULARY, FEEDS, TIMES = 100, 480, 2000, 4, 7


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        write(path)
        read_s, fed_s, load_s = [], [], []
        for number in range(TIMES):
            before = time.perf_counter()
            plan = read_graph(path, 1, timeout_s=60 + number).plan  # another limit: nothing is remembered
            read_s.append(time.perf_counter() - before)
            before = time.perf_counter()
            for feed in range(FEEDS):
                synthesize(plan, feed=feed)
            fed_s.append(time.perf_counter() - before)
            before = time.perf_counter()
            onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            load_s.append(time.perf_counter() - before)
        print(f"model                    {path.stat().st_size / 1e6:.0f} MB, {plan.inputs[0].reason}")
    for name, taken in (
        ("reading its graph", read_s),
        ("four feeds", fed_s),
        ("ONNX Runtime's load", load_s),
    ):
        print(f"{name:24} {statistics.median(taken):.2f} s (at most {max(taken):.2f} s)")
    if statistics.median(read_s) + statistics.median(fed_s) > 2:
        sys.exit("more than 2 s")


def write(path: Path) -> None:
    """Write a model of LAYERS layers behind an embedding, with weights that differ from each other."""
    generator = np.random.default_rng(0)
    weights = {"table": generator.standard_normal((VOCABULARY, WIDTH), np.float32) / WIDTH}
    nodes = [helper.make_node("Gather", ["table", "ids"], ["v0"])]
    for layer in range(LAYERS):
        weights[f"w{layer}"] = generator.standard_normal((WIDTH, WIDTH), np.float32) / WIDTH
        weights[f"b{layer}"] = generator.standard_normal(WIDTH, np.float32)
        nodes += [
            helper.make_node("MatMul", [f"v{layer}", f"w{layer}"], [f"m{layer}"]),
            helper.make_node("Add", [f"m{layer}", f"b{layer}"], [f"a{layer}"]),
            helper.make_node("Relu", [f"a{layer}"], [f"r{layer}"]),
            helper.make_node("Add", [f"r{layer}", f"v{layer}"], [f"v{layer + 1}"]),
        ]
    graph = helper.make_graph(
        nodes,
        "large",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "sequence"])],
        [helper.make_tensor_value_info(f"v{LAYERS}", TensorProto.FLOAT, ["batch", "sequence", WIDTH])],
        [numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()],
    )
    path.write_bytes(helper.make_model(graph, ir_version=9).SerializeToString())


if __name__ == "__main__":
    main()
