"""Expansion: operators that train otherwise than they infer are replaced before differentiation."""

from collections.abc import Collection
from dataclasses import dataclass

from onnx import ModelProto, NodeProto

from pytest_energy.training.batch import infer_shapes
from pytest_energy.training.forward import read_forward
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.registry import training_form_of
from pytest_energy.training.tape import Tape, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """A model in its training form.

    Attributes:
        model: The model, with inferred shapes.
        updates: Names of running statistics, and of the tensors that are their new values.
    """

    model: ModelProto
    updates: dict[str, str]


def expand(model: ModelProto, trained: Collection[str], lowering: Lowering) -> Expanded:
    """Replace what trains otherwise, such as BatchNormalization and Dropout.

    Args:
        model: A model with inferred shapes.
        trained: Names of its parameters that are trained; a normalisation with none of them keeps its
            running statistics.
        lowering: What the replacements are chosen for.
    """
    tape = Tape(names_in(model))
    forward = read_forward(model, tape, lowering, [value.name for value in model.graph.output])
    updates: dict[str, str] = {}
    kept: list[NodeProto] = []
    for proto, node in zip(forward.protos, forward.nodes, strict=True):
        kept += _training_form(node, trained, updates) or [proto]
    expanded = ModelProto()
    expanded.CopyFrom(model)
    del expanded.graph.node[:]
    expanded.graph.node.extend(kept)
    expanded.graph.initializer.extend(tape.constants.values())
    return Expanded(model=infer_shapes(expanded), updates=updates)


def names_in(model: ModelProto) -> set[str]:
    """Return every name that is given in a model."""
    graph = model.graph
    named = (*graph.input, *graph.initializer, *graph.value_info, *graph.output)
    return {each.name for each in named} | {name for node in graph.node for name in node.output}


def _training_form(node: Node, trained: Collection[str], updates: dict[str, str]) -> list[NodeProto]:
    expansion = training_form_of(node.domain, node.operator, node.lowering)
    if expansion is None:
        return []
    tape = node.op
    tape.scope = node.name
    form = expansion(node, frozenset(trained))
    if form is None:
        return []
    updates.update({old.name: new.name for old, new in form.updates})
    for wanted, made in zip(node.y, form.outputs, strict=False):
        if wanted is not None:
            tape.rename(_made(made, tape), wanted.name)
    return tape.take()


def _made(value: Value, tape: Tape) -> Value:
    """Return the value, by way of an Identity where it was there before."""
    is_new = any(value.name in node.output for node in tape.nodes)
    return value if is_new else tape.Identity(value)
