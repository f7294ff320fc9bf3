"""Operators that accelerators lack, written with those that they have; the last touch on a portable step."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce

from onnx import NodeProto, TensorProto, helper

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.tape import Tape, Value

Written = Callable[[Tape, NodeProto, Sequence[Value]], Value]
"""Records what an operator does, given its inputs."""


def lowered(nodes: Iterable[NodeProto], tape: Tape, lowering: Lowering) -> list[NodeProto]:
    """Return the nodes of a graph as the lowering wants them.

    Args:
        nodes: Nodes in the order in which they run.
        tape: A tape on which nothing is recorded; it gets the constants that are needed.
        lowering: For the processor all nodes stay.
    """
    if lowering is Lowering.CPU:
        return list(nodes)
    return [written for node in nodes for written in _written(node, tape)]


def _written(node: NodeProto, tape: Tape) -> Iterator[NodeProto]:
    written = None if node.domain not in {"", "ai.onnx"} else _LACKING.get(node.op_type)
    if written is None:
        yield node
        return
    tape.scope = node.name or node.output[0]
    inputs = [Value(name=name, dtype=TensorProto.UNDEFINED, tape=tape) for name in node.input]
    tape.rename(written(tape, node, inputs), node.output[0])
    yield from tape.take()


def _sum(tape: Tape, _node: NodeProto, inputs: Sequence[Value]) -> Value:
    """``x1 + x2 + ...``, one after the other: WebGPU and ggml have no Sum."""
    return tape.Identity(inputs[0]) if len(inputs) == 1 else reduce(Value.__add__, inputs)


def _log_softmax(tape: Tape, node: NodeProto, inputs: Sequence[Value]) -> Value:
    """``x - m - log(sum(exp(x - m)))``, m being the largest: WebGPU has Softmax alone."""
    (x,) = inputs
    axis = [next((helper.get_attribute_value(each) for each in node.attribute if each.name == "axis"), -1)]
    centred = x - tape.ReduceMax(x, axis, keepdims=1)
    return centred - tape.Log(tape.ReduceSum(tape.Exp(centred), axis, keepdims=1))


_LACKING: dict[str, Written] = {"Sum": _sum, "LogSoftmax": _log_softmax}
