"""Added work: a model with copies of some of its nodes, whose outputs stay alive.

A copy has weights of its own, drawn at random: ONNX Runtime would merge it with the original otherwise. It
may have fewer output channels than the original or take larger steps, so that work is added in small amounts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_CHANNELS = 16  # output channels of a copied convolution are a multiple: its kernels compute so many at once
_COLUMNS = 4  # likewise of a matrix product


@dataclass(frozen=True, slots=True, kw_only=True)
class Copyable:
    """A node that can be copied.

    Attributes:
        node: The node.
        weight: Shape of its weight.
        axis: Axis of the weight that holds the output channels.
        grain: Copies have a multiple of so many output channels.
        work: Multiplications and additions per run, in pairs.
    """

    node: onnx.NodeProto
    weight: tuple[int, ...]
    axis: int
    grain: int
    work: float

    @property
    def can_shrink(self) -> bool:
        return _attribute(self.node, "group", 1) == 1

    @property
    def can_stride(self) -> bool:
        strides = [list(each.ints) for each in self.node.attribute if each.name == "strides"]
        return self.node.op_type == "Conv" and strides in ([], [[1, 1]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a node.

    Attributes:
        of: The node.
        channels: Output channels of the copy.
        stride: By how much larger the steps of a copied convolution are, in both directions.
    """

    of: Copyable
    channels: int
    stride: int = 1

    @property
    def work(self) -> float:
        return self.of.work * self.channels / self.of.weight[self.of.axis] / self.stride**2


def copyable_nodes(model: onnx.ModelProto) -> list[Copyable]:
    """Find the convolutions and matrix products with fixed weights, the heaviest first."""
    shapes = _weight_shapes(model)
    sizes = _output_sizes(model)
    found = [
        _copyable(node, shapes[node.input[1]], sizes.get(node.output[0], 1))
        for node in model.graph.node
        if node.op_type in {"Conv", "MatMul"} and node.input[1] in shapes
    ]
    return sorted(found, key=lambda each: -each.work)


def copies_worth(nodes: Sequence[Copyable], work: float) -> list[Copy]:
    """Choose copies that come near to so much work, of different nodes."""
    chosen: list[Copy] = []
    while True:
        left = work - sum(copy.work for copy in chosen)
        used = [copy.of for copy in chosen]
        parts = [part for each in nodes if each not in used for part in _parts(each)]
        best = min(parts, key=lambda part: abs(part.work - left), default=None)
        if best is None or abs(best.work - left) >= abs(left):
            return chosen
        chosen.append(best)


def with_copies(model: onnx.ModelProto, copies: Sequence[Copy]) -> onnx.ModelProto:
    """Return the model with these copies; each has a graph output of its own."""
    more = onnx.ModelProto()
    more.CopyFrom(model)
    draw = np.random.default_rng(0)
    for number, copy in enumerate(copies):
        weight, output = f"copied_weight_{number}", f"copied_output_{number}"
        shape = list(copy.of.weight)
        shape[copy.of.axis] = copy.channels
        values = draw.standard_normal(shape) / np.sqrt(np.prod(shape) / copy.channels)
        more.graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), weight))
        node = more.graph.node.add()
        node.CopyFrom(copy.of.node)
        node.name = f"copied_{number}"
        node.input[:] = [node.input[0], weight]
        node.output[:] = [output]
        if copy.stride > 1:
            for attribute in [each for each in node.attribute if each.name == "strides"]:
                node.attribute.remove(attribute)
            node.attribute.append(helper.make_attribute("strides", [copy.stride] * 2))
        more.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, None))
    if model.ir_version < 4:  # there, every initializer is an input too
        names = {each.name for each in model.graph.input}
        for each in more.graph.initializer:
            if each.name not in names:
                more.graph.input.append(
                    helper.make_tensor_value_info(each.name, TensorProto.FLOAT, list(each.dims))
                )
    return more


def _parts(node: Copyable) -> Iterator[Copy]:
    """Yield a whole copy and, unless its channels are grouped, smaller ones."""
    whole = node.weight[node.axis]
    yield Copy(of=node, channels=whole)
    if node.can_shrink:
        for channels in range(node.grain, whole + 1, node.grain):
            yield Copy(of=node, channels=channels)
            if node.can_stride:
                yield Copy(of=node, channels=channels, stride=2)


def _copyable(node: onnx.NodeProto, weight: tuple[int, ...], outputs: float) -> Copyable:
    """Every output takes as many multiplications as there are weights per output channel."""
    axis, grain = (0, _CHANNELS) if node.op_type == "Conv" else (len(weight) - 1, _COLUMNS)
    work = outputs * float(np.prod(weight)) / weight[axis]
    return Copyable(node=node, weight=weight, axis=axis, grain=grain, work=work)


def _weight_shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Return the shapes of weights: initializers, and what the light models fill with a constant."""
    graph = model.graph
    shapes = {
        each.name: tuple(each.dims) for each in graph.initializer if each.data_type == TensorProto.FLOAT
    }
    values = {each.name: each for each in graph.initializer if each.data_type == TensorProto.INT64}
    for node in graph.node:
        if node.op_type == "ConstantOfShape" and node.input[0] in values:
            shapes[node.output[0]] = tuple(map(int, numpy_helper.to_array(values[node.input[0]])))
    return {name: shape for name, shape in shapes.items() if len(shape) >= 2}  # no bias


def _output_sizes(model: onnx.ModelProto) -> dict[str, float]:
    """Return how many values each tensor holds, free dimensions taken for one."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    return {
        value.name: float(np.prod([dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]))
        for value in (*inferred.graph.value_info, *inferred.graph.output)
    }


def _attribute(node: onnx.NodeProto, name: str, otherwise: int) -> int:
    return next((each.i for each in node.attribute if each.name == name), otherwise)
