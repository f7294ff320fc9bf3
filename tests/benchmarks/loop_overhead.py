"""What the measuring loop adds to a step, against a bare loop around ``run_with_iobinding``.

Both loops run the same session with the same binding, in blocks as a step of 50 us gets them, in an order
that is drawn anew for each round. A bare block reads CPU time before and after; a block of the loop is what
the sampler runs: it synchronises, and reads CPU and wall time together. One model is an Identity, so that
what the loop adds is not lost in the model's noise; the other, a product of matrices, takes about 50 us.

Run with:   python tests/benchmarks/loop_overhead.py [rounds]
"""

import random
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.interleave import Block, read_block
from pytest_energy.measurement.plan import Plan
from pytest_energy.runtime.binding import Bound, bind
from pytest_energy.statistics.process_estimate import undisturbed

STEP_S = 50e-6
MOST = 0.01
_CLOCK = SystemClock()


def model(kind: str, side: int) -> onnx.ModelProto:
    """Return a model of one node."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [side, side]) for name in "xy")
    weights = [numpy_helper.from_array(np.full((side, side), 0.01, np.float32), "w")]
    taken = ["x"] if kind == "Identity" else ["x", "w"]
    graph = helper.make_graph(
        [helper.make_node(kind, taken, ["y"])], "g", [x], [y], weights[: len(taken) - 1]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def session_of(made: onnx.ModelProto) -> ort.InferenceSession:
    """Return a session of one thread."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])


def bare_block(session: ort.InferenceSession, binding: Any, count: int) -> float:
    """Return CPU time per step of the shortest loop that there is."""
    run = session.run_with_iobinding
    repeats = range(count)
    before = time.process_time()
    for _ in repeats:
        run(binding)
    return (time.process_time() - before) / count


def measured(made: onnx.ModelProto, side: int, count: int, rounds: int) -> Sequence[tuple[float, float]]:
    """Return per round the CPU time per step of the bare loop and of ours."""
    session = session_of(made)
    feeds = {"x": np.full((side, side), 0.5, np.float32)}
    step, binding = Bound(session, feeds).step(), bind(session, feeds)
    blocks = (
        lambda: bare_block(session, binding, count),
        lambda: read_block(Block(step=step, count=count), _CLOCK).cpu_s,
    )
    order, taken = [0, 1], []
    for _ in range(rounds):
        random.shuffle(order)
        readings = {number: blocks[number]() for number in order}
        taken.append((readings[0], readings[1]))
    return taken[rounds // 10 :]  # the first ones warm up


def main() -> int:
    """Print both models; return 1 if the loop adds more than it may."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    count = Plan().steps_per_block(STEP_S, 0.0)
    print(f"{rounds} rounds in random order, blocks of {count} steps, CPU time in ns per step")
    print(f"{'model':10}{'bare loop':>12}{'our loop':>12}{'added':>9}{'share of 50 us':>16}{'ratio':>9}")
    shares = []
    for name, side, part in (("Identity", 2, 1), ("MatMul", 144, 10)):
        taken = measured(model(name, side), side, count, rounds // part)
        bare, ours = (undisturbed([each[which] for each in taken]) for which in (0, 1))
        ratio = statistics.median(loop / alone for alone, loop in taken)
        shares.append((ours - bare) / STEP_S)
        figures = f"{bare * 1e9:12.0f}{ours * 1e9:12.0f}{(ours - bare) * 1e9:9.0f}"
        print(f"{name:10}{figures}{shares[-1]:16.2%}{ratio:9.4f}")
    answer = "yes" if shares[0] <= MOST else "NO"
    print(f"at most {MOST:.0%} of a step of 50 us: {answer}, by the Identity model")
    return 0 if shares[0] <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
