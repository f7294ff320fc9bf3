"""A graph, indexed: who consumes a value, what is constant, and which shape everything has."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

Shape = tuple[int | str | None, ...]
"""A size, a symbol, or None where nothing is known, per axis."""

_ELEMENTS = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphView:
    """A model's graph with the graphs inside it, as one flat list of nodes.

    Attributes:
        model: The model, without the elements of its large tensors.
        nodes: Every node, those of inner graphs behind the node that holds them.
        consumers: Per value, the nodes that take it and in which place.
        producers: Per value, the node that gives it.
        constants: Small constant tensors by name.
        dimensions: Dimensions of every constant, also of large ones.
        shapes: Shapes of all other values that are known.
        types: Element types of values, as numbers of onnx.TensorProto.DataType, that are known.
    """

    model: onnx.ModelProto
    nodes: Sequence[onnx.NodeProto]
    consumers: Mapping[str, Sequence[tuple[onnx.NodeProto, int]]]
    producers: Mapping[str, onnx.NodeProto]
    constants: Mapping[str, npt.NDArray[Any]]
    dimensions: Mapping[str, tuple[int, ...]]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    types: Mapping[str, int] = field(default_factory=dict)

    @property
    def inputs(self) -> list[onnx.ValueInfoProto]:
        """The inputs that must be fed: an initializer may stand among them as well."""
        given = {tensor.name for tensor in self.model.graph.initializer}
        given |= {tensor.values.name for tensor in self.model.graph.sparse_initializer}
        return [each for each in self.model.graph.input if each.name not in given]

    def shape(self, name: str) -> Shape | None:
        """Return the shape of any value; None where its rank is unknown."""
        return self.dimensions.get(name, self.shapes.get(name))

    def constant(self, node: onnx.NodeProto, place: int) -> npt.NDArray[Any] | None:
        """Return the small constant that a node takes in a place; None where there is none."""
        return self.constants.get(node.input[place]) if place < len(node.input) else None


def view_of(
    model: onnx.ModelProto,
    shapes: Mapping[str, Shape] | None = None,
    types: Mapping[str, int] | None = None,
) -> GraphView:
    """Index a model.

    Args:
        model: The model, as it was read.
        shapes: Shapes that were inferred; None for those that the model declares.
        types: Element types that were inferred; None for those that the model declares.
    """
    nodes = tuple(_nodes(model.graph))
    consumers: dict[str, list[tuple[onnx.NodeProto, int]]] = defaultdict(list)
    producers: dict[str, onnx.NodeProto] = {}
    for node in nodes:
        for place, name in enumerate(node.input):
            if name:
                consumers[name].append((node, place))
        producers.update(dict.fromkeys(filter(None, node.output), node))
    constants, dimensions = _constants(model.graph, nodes)
    return GraphView(
        model=model,
        nodes=nodes,
        consumers=consumers,
        producers=producers,
        constants=constants,
        dimensions=dimensions,
        shapes=declared_shapes(model) if shapes is None else shapes,
        types=declared_types(model) if types is None else types,
    )


def taken_branches(model: onnx.ModelProto) -> onnx.ModelProto:
    """Put the branch that a step takes in the place of every If, so that its shapes can be inferred.

    Which one that is follows from what is fed: a comparison of an input with a constant is made true, an
    input that is the condition itself is false, and else the longer branch is taken.
    """
    flat = onnx.ModelProto()
    flat.CopyFrom(model)
    inputs = {each.name for each in model.graph.input}
    compared = {
        node.output[0] for node in model.graph.node if node.op_type == "Equal" and inputs & set(node.input)
    }
    nodes = list(_unfolded(model.graph, inputs, compared))
    del flat.graph.node[:]
    flat.graph.node.extend(nodes)
    for graph in _graphs(model.graph):
        if graph is not model.graph:
            known = {tensor.name for tensor in flat.graph.initializer}
            flat.graph.initializer.extend(each for each in graph.initializer if each.name not in known)
    return flat


def _unfolded(graph: onnx.GraphProto, inputs: set[str], compared: set[str]) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        branches = {each.name: each.g for each in node.attribute if each.HasField("g")}
        if node.op_type != "If" or len(branches) != 2:  # noqa: PLR2004 - then and else
            yield node
            continue
        then, other = branches["then_branch"], branches["else_branch"]
        if node.input[0] in compared:
            chosen = then
        elif node.input[0] in inputs:
            chosen = other
        else:
            chosen = max(then, other, key=lambda branch: len(branch.node))
        yield from _unfolded(chosen, inputs, compared)
        for given, name in zip(chosen.output, node.output, strict=False):
            yield onnx.helper.make_node("Identity", [given.name], [name])


def declared_shapes(model: onnx.ModelProto) -> dict[str, Shape]:
    """Return the shapes that stand in a model, or that shape inference has put there."""
    found: dict[str, Shape] = {}
    for graph in _graphs(model.graph):
        for value in (*graph.input, *graph.value_info, *graph.output):
            shape = shape_of(value.type)
            if shape is not None:
                found.setdefault(value.name, shape)
    return found


def declared_types(model: onnx.ModelProto) -> dict[str, int]:
    """Return the element types that stand in a model, or that shape inference has put there."""
    return {
        value.name: innermost(value.type).elem_type
        for graph in _graphs(model.graph)
        for value in (*graph.input, *graph.value_info, *graph.output)
    } | {tensor.name: tensor.data_type for graph in _graphs(model.graph) for tensor in graph.initializer}


def shape_of(kind: onnx.TypeProto) -> Shape | None:
    """Return the shape in a type, of the elements where it is a sequence; None for an unknown rank."""
    tensor = innermost(kind)
    if not tensor.HasField("shape"):
        return None
    return tuple(_size(dimension) for dimension in tensor.shape.dim)


def innermost(kind: onnx.TypeProto) -> onnx.TypeProto.Tensor:
    """Return the tensor in a type, be it in a sequence or optional."""
    which = kind.WhichOneof("value")
    if which == "sequence_type":
        return innermost(kind.sequence_type.elem_type)
    if which == "optional_type":
        return innermost(kind.optional_type.elem_type)
    return kind.tensor_type


def type_string(kind: onnx.TypeProto) -> str:
    """Write a type as ONNX Runtime does: ``tensor(float)``, ``seq(tensor(int64))``."""
    match kind.WhichOneof("value"):
        case "sequence_type":
            return f"seq({type_string(kind.sequence_type.elem_type)})"
        case "optional_type":
            return f"optional({type_string(kind.optional_type.elem_type)})"
        case "map_type":
            key = _ELEMENTS.get(kind.map_type.key_type, "undefined")
            return f"map({key},{type_string(kind.map_type.value_type)})"
        case "sparse_tensor_type":
            return f"sparse_tensor({_ELEMENTS.get(kind.sparse_tensor_type.elem_type, 'undefined')})"
        case _:
            return f"tensor({_ELEMENTS.get(kind.tensor_type.elem_type, 'undefined')})"


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of a node as plain values."""
    return {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}


def _size(dimension: onnx.TensorShapeProto.Dimension) -> int | str | None:
    if dimension.HasField("dim_value"):
        return dimension.dim_value if dimension.dim_value >= 0 else None
    return dimension.dim_param or None


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for inner in _inner(node):
            yield from _graphs(inner)


def _inner(node: onnx.NodeProto) -> Iterator[onnx.GraphProto]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        yield node
        for inner in _inner(node):
            yield from _passed(node, inner)
            yield from _nodes(inner)


def _passed(node: onnx.NodeProto, inner: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yield an Identity for what a Loop or Scan hands to its body, so that a value can be followed there."""
    if node.op_type in {"Loop", "Scan"}:
        outer = list(node.input)
        for given, taken in zip(outer, inner.input, strict=False):
            if given and (node.op_type == "Scan" or given not in outer[:2]):
                yield onnx.helper.make_node("Identity", [given], [taken.name])


def _constants(
    graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, tuple[int, ...]]]:
    tensors = {tensor.name: tensor for each in _graphs(graph) for tensor in each.initializer}
    for node in nodes:
        if node.op_type == "Constant" and node.output:
            for attribute in node.attribute:
                if attribute.name == "value":
                    tensors[node.output[0]] = attribute.t
    dimensions = {name: tuple(tensor.dims) for name, tensor in tensors.items()}
    constants = {name: array for name, tensor in tensors.items() if (array := _array(tensor)) is not None}
    for node in nodes:
        if node.op_type == "Constant" and node.output and node.output[0] not in tensors:
            array = _plain_constant(node)
            if array is not None:
                constants[node.output[0]] = array
                dimensions[node.output[0]] = array.shape
    return constants, dimensions


def _array(tensor: onnx.TensorProto) -> npt.NDArray[Any] | None:
    """Return the elements; None where they were left out, lie outside, or do not fit the dimensions."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return None
    try:
        array = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError):
        return None
    return np.asarray(array)


def _plain_constant(node: onnx.NodeProto) -> npt.NDArray[Any] | None:
    for name, value in attributes(node).items():
        if name in {"value_int", "value_float", "value_ints", "value_floats"}:
            return np.asarray(value)
    return None
