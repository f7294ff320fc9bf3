"""The forward pass: the nodes that a loss depends on, with element types and shapes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.tape import Tape, Value

FLOATS = frozenset({TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16})
"""Element types that have gradients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Nodes in the order in which they run, as protobuf and as rules see them.

    Attributes:
        protos: The nodes.
        nodes: The same, in the same order.
        values: Every tensor by its name.
        lowering: What rules are chosen for.
    """

    protos: tuple[NodeProto, ...]
    nodes: tuple[Node, ...]
    values: Mapping[str, Value]
    lowering: Lowering


def read_forward(model: ModelProto, tape: Tape, lowering: Lowering, wanted: Iterable[str]) -> Forward:
    """Read what the wanted outputs depend on from a model whose shapes have been inferred."""
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    reader = _Reader(tape=tape, lowering=lowering, values=_values(model.graph, tape), constants=constants)
    protos = needed_nodes(model.graph.node, wanted)
    nodes = tuple(reader.node(proto, f"{proto.op_type}_{index}") for index, proto in enumerate(protos))
    return Forward(protos=tuple(protos), nodes=nodes, values=reader.values, lowering=lowering)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    tape: Tape
    lowering: Lowering
    values: dict[str, Value]
    constants: Mapping[str, TensorProto]

    def node(self, proto: NodeProto, title: str) -> Node:
        return Node(
            op=self.tape,
            domain="" if proto.domain == "ai.onnx" else proto.domain,
            operator=proto.op_type,
            name=proto.name or title,
            x=tuple(map(self._look_up, (*proto.input, *_taken_in(proto)))),
            y=tuple(map(self._look_up, proto.output)),
            attributes={each.name: helper.get_attribute_value(each) for each in proto.attribute},
            constants=self.constants,
            lowering=self.lowering,
        )

    def _look_up(self, name: str) -> Value | None:
        if not name:
            return None
        if name not in self.values:
            self.values[name] = Value(name=name, dtype=TensorProto.UNDEFINED, tape=self.tape)
        return self.values[name]


def needed_nodes(nodes: Sequence[NodeProto], wanted: Iterable[str]) -> list[NodeProto]:
    """Return the nodes that compute what is wanted, in their order."""
    needed, kept = set(wanted), []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(reads(node))
    return kept[::-1]


def reads(node: NodeProto) -> Iterator[str]:
    """Yield the names of all that a node reads, in its subgraphs too."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        graphs = [attribute.g] if attribute.type == AttributeProto.GRAPH else attribute.graphs
        for graph in graphs:
            yield from captured(graph)


def _taken_in(node: NodeProto) -> list[str]:
    """Return what the subgraphs of a node take from around it, beside its inputs."""
    return sorted(set(reads(node)) - set(node.input))


def captured(graph: GraphProto) -> set[str]:
    """Return the names that a subgraph takes from around it."""
    own = {value.name for value in (*graph.input, *graph.initializer)}
    own.update(name for node in graph.node for name in node.output)
    used = {name for node in graph.node for name in reads(node)} | {value.name for value in graph.output}
    return used - own


def _values(graph: GraphProto, tape: Tape) -> dict[str, Value]:
    infos = (*graph.value_info, *graph.input, *graph.output)
    values = {info.name: _value(info, tape) for info in infos if info.type.HasField("tensor_type")}
    for tensor in graph.initializer:
        values[tensor.name] = Value(
            name=tensor.name, dtype=tensor.data_type, shape=tuple(tensor.dims), tape=tape
        )
    return values


def _value(info: ValueInfoProto, tape: Tape) -> Value:
    tensor = info.type.tensor_type
    shape = tuple(map(_size, tensor.shape.dim)) if tensor.HasField("shape") else None
    return Value(name=info.name, dtype=tensor.elem_type, shape=shape, tape=tape)


def _size(dimension: Any) -> int | str | None:
    if dimension.HasField("dim_value"):
        return int(dimension.dim_value)
    return str(dimension.dim_param) or None
