"""The gradient of If: another If, whose branches go back through the branches of the first."""

import dataclasses
from collections.abc import Sequence
from functools import cache

from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto, helper

from pytest_energy.training.backward import backward
from pytest_energy.training.expansion import expand
from pytest_energy.training.forward import read_forward
from pytest_energy.training.node import Node
from pytest_energy.training.preparation import OPSET
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.shapes import zeros_like
from pytest_energy.training.tape import Tape, Value

_CONDITION, _BRANCHES = 0, ("then_branch", "else_branch")


@gradient("If")
def conditional(node: Node) -> Sequence[Thunk | None]:
    """``y = then(x) if c else otherwise(x); dx = then'(dy) if c else otherwise'(dy)``.

    Each branch computes its forward pass again, for what is inside a branch cannot be seen from outside. A
    tensor that one branch does not use gets zeros there.
    """
    wanted = [value for value in node.x[1:] if value is not None and value.name in node.wanted]

    @cache
    def gradients() -> dict[str, Value]:
        branches = {name: _branch(node, node.attribute(name), wanted) for name in _BRANCHES}
        made = node.op.calls("If", len(wanted), node.input(_CONDITION), **branches)
        pairs = zip(wanted, made, strict=True)
        return {of.name: dataclasses.replace(value, dtype=of.dtype) for of, value in pairs}

    def by(value: Value | None) -> Thunk | None:
        return None if value is None else lambda: gradients()[value.name]

    return [None, *map(by, node.x[1:])]


def _branch(node: Node, graph: GraphProto, wanted: Sequence[Value]) -> GraphProto:
    """Return a branch that puts out one gradient per wanted tensor."""
    model = expand(_as_model(node, graph), (), node.lowering).model
    tape = node.op.branch(name for each in model.graph.node for name in each.output)
    ends = [value.name for value in model.graph.output]
    forward = read_forward(model, tape, node.lowering, ends)
    seeds = {
        name: dataclasses.replace(dy, tape=tape)
        for name, dy in zip(ends, node.dys, strict=True)
        if dy is not None
    }
    found = backward(forward, seeds, [value.name for value in wanted])
    made = [_end(tape, value, found.get(value.name)) for value in wanted]
    around = {value.name for value in node.x if value is not None}
    constants = [
        *tape.constants.values(),
        *(each for each in model.graph.initializer if each.name not in around),
    ]
    return helper.make_graph(
        [*forward.protos, *tape.take()], "gradient", [], [_info(value) for value in made], constants
    )


def _end(tape: Tape, value: Value, found: Value | None) -> Value:
    """Return what a branch puts out, which has to be made inside it."""
    end = zeros_like(dataclasses.replace(value, tape=tape)) if found is None else found
    return tape.Identity(end)


def _as_model(node: Node, graph: GraphProto) -> ModelProto:
    """Return a branch as a model of its own, whose inputs are what it takes from around it."""
    alone = GraphProto()
    alone.CopyFrom(graph)
    around = [value for value in node.x[1:] if value is not None]
    alone.input.extend(_info(value) for value in around if value.name not in node.constants)
    alone.initializer.extend(node.constants[value.name] for value in around if value.name in node.constants)
    for output in alone.output:  # a shape that one branch declares need not be the other's
        if output.type.tensor_type.elem_type == TensorProto.UNDEFINED:
            output.CopyFrom(ValueInfoProto(name=output.name))
    return helper.make_model(alone, ir_version=10, opset_imports=[helper.make_opsetid("", OPSET)])


def _info(value: Value) -> ValueInfoProto:
    return helper.make_tensor_value_info(value.name, value.dtype, value.shape)
