"""Gradients of normalisations, and their training forms."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, TrainingForm, gradient, training_form
from pytest_energy.training.shapes import count_of, rank_of, reshaped_like, size_at
from pytest_energy.training.tape import Value


@training_form("BatchNormalization", lowering=Lowering.CPU)
def batch_normalization_form(node: Node, trained: frozenset[str]) -> TrainingForm | None:
    """Normalise by the batch; with a momentum of 0 the running statistics that come out are the batch's."""
    if not _trains(node, trained) or node.input(0).dtype != TensorProto.FLOAT:
        return _decomposed_batch_normalization(node, trained)
    # ONNX Runtime's kernel writes new statistics over the old ones: it is given others to write over.
    spare = [node.input(index) * 0.0 for index in (3, 4)]
    y, mean, variance = node.op.calls(
        "BatchNormalization",
        3,
        *node.x[:3],
        *spare,
        epsilon=node.attribute("epsilon", 1e-5),
        momentum=0.0,
        training_mode=1,
    )
    return TrainingForm(outputs=[y], updates=_running(node, mean, variance))


@training_form("BatchNormalization")
def _decomposed_batch_normalization(node: Node, trained: frozenset[str]) -> TrainingForm | None:
    """``y = (x - mean(x)) scale / sqrt(var(x) + epsilon) + bias``, over all axes but that of the channels."""
    if not _trains(node, trained):
        return None
    op, x = node.op, node.input(0)
    axes = [0, *range(2, rank_of(x, "BatchNormalization"))]
    mean = op.ReduceMean(x, axes, keepdims=1)
    centred = x - mean
    variance = op.ReduceMean(centred * centred, axes, keepdims=1)
    factor = _per_channel(node, 1) / op.Sqrt(variance + node.attribute("epsilon", 1e-5))
    y = centred * factor + _per_channel(node, 2)
    flat = [op.Reshape(each, [-1]) for each in (mean, variance)]
    return TrainingForm(outputs=[y], updates=_running(node, *flat))


def _trains(node: Node, trained: frozenset[str]) -> bool:
    """Whether scale or bias is trained: a frozen normalisation keeps its running statistics."""
    return bool({node.input(1).name, node.input(2).name} & trained)


def _running(node: Node, mean: Value, variance: Value) -> list[tuple[Value, Value]]:
    momentum = node.attribute("momentum", 0.9)
    return [
        (old, old * momentum + new * (1.0 - momentum))
        for old, new in ((node.input(3), mean), (node.input(4), variance))
    ]


def _per_channel(node: Node, index: int) -> Value:
    """Give a vector of one number per channel the axes of space."""
    space = rank_of(node.input(0), node.operator) - 2
    return node.op.Reshape(node.input(index), [-1, *[1] * space])


@gradient("BatchNormalization")
def batch_normalization(node: Node) -> Sequence[Thunk]:
    """``dx = scale / s (dy - mean(dy) - n mean(dy n))``, n being normalised x and s its deviation.

    With running statistics, which are constants, ``dx = scale / s dy``.
    """
    if not node.attribute("training_mode", 0):
        return _with_running_statistics(node)
    op, x = node.op, node.input(0)
    axes = [0, *range(2, rank_of(x, "BatchNormalization"))]
    inverse = 1.0 / op.Sqrt(node.output(2) + node.attribute("epsilon", 1e-5))
    d_bias = op.ReduceSum(node.dy, axes, keepdims=0)
    centred = x - _in_space(node, node.output(1))
    d_scale = op.ReduceSum(node.dy * centred, axes, keepdims=0) * inverse

    def dx() -> Value:
        share = count_of(node.input(1), x.dtype) / count_of(x, x.dtype)
        factor = node.input(1) * inverse
        by_centred = _in_space(node, factor * inverse * d_scale * share)
        by_one = _in_space(node, factor * d_bias * share)
        return node.dy * _in_space(node, factor) - (centred * by_centred + by_one)

    return dx, lambda: d_scale, lambda: d_bias


def _with_running_statistics(node: Node) -> Sequence[Thunk]:
    op, x = node.op, node.input(0)
    axes = [0, *range(2, rank_of(x, "BatchNormalization"))]
    inverse = 1.0 / op.Sqrt(node.input(4) + node.attribute("epsilon", 1e-5))

    def d_scale() -> Value:
        normal = (x - _in_space(node, node.input(3))) * _in_space(node, inverse)
        return op.ReduceSum(node.dy * normal, axes, keepdims=0)

    return (
        lambda: node.dy * _in_space(node, node.input(1) * inverse),
        d_scale,
        lambda: op.ReduceSum(node.dy, axes, keepdims=0),
    )


def _in_space(node: Node, vector: Value) -> Value:
    space = rank_of(node.input(0), node.operator) - 2
    return node.op.Reshape(vector, [-1, *[1] * space]) if space else vector


@gradient("InstanceNormalization")
def instance_normalization(node: Node) -> Sequence[Thunk]:
    """As BatchNormalization, the statistics being those of each image and channel."""
    op, x = node.op, node.input(0)
    space = list(range(2, rank_of(x, "InstanceNormalization")))
    normal, inverse = _normalised(node, space)

    def dx() -> Value:
        return _back_through(node.dy * _in_space(node, node.input(1)), normal, inverse, space)

    return (
        dx,
        lambda: op.ReduceSum(node.dy * normal, [0, *space], keepdims=0),
        lambda: op.ReduceSum(node.dy, [0, *space], keepdims=0),
    )


@gradient("MeanVarianceNormalization")
def mean_variance_normalization(node: Node) -> Thunk:
    """As BatchNormalization without scale and bias, the statistics being those along the attribute's axes."""
    op, x, axes = node.op, node.input(0), list(node.attribute("axes", [0, 2, 3]))

    def dx() -> Value:
        centred = x - op.ReduceMean(x, axes, keepdims=1)
        inverse = op.Reciprocal(op.Sqrt(op.ReduceMean(centred * centred, axes, keepdims=1)) + 1e-9)
        return _back_through(node.dy, node.output(), inverse, axes)

    return dx


@gradient("LayerNormalization")
def layer_normalization(node: Node) -> Sequence[Thunk]:
    """As BatchNormalization, the statistics being those along the last axes."""
    op, x = node.op, node.input(0)
    rank = rank_of(x, "LayerNormalization")
    first = node.attribute("axis", -1) % rank
    normal, inverse = _normalised(node, list(range(first, rank)))

    def summed(gradient_: Value, to: Value) -> Value:
        return reshaped_like(op.ReduceSum(gradient_, list(range(first)), keepdims=0), to)

    def d_bias() -> Value | None:
        return None if node.optional(2) is None else summed(node.dy, node.input(2))

    return (
        lambda: _back_through(node.dy * node.input(1), normal, inverse, list(range(first, rank))),
        lambda: summed(node.dy * normal, node.input(1)),
        d_bias,
    )


def _normalised(node: Node, axes: list[int]) -> tuple[Value, Value]:
    """Return normalised ``x`` and the inverse of its deviation."""
    op, x = node.op, node.input(0)
    centred = x - op.ReduceMean(x, axes, keepdims=1)
    variance = op.ReduceMean(centred * centred, axes, keepdims=1)
    inverse = op.Reciprocal(op.Sqrt(variance + node.attribute("epsilon", 1e-5)))
    return centred * inverse, inverse


def _back_through(dn: Value, normal: Value, inverse: Value, axes: list[int]) -> Value:
    """``dx = (dn - mean(dn) - n mean(dn n)) / s``, given the gradient by normalised x."""
    op = dn.tape
    mean = op.ReduceMean(dn, axes, keepdims=1)
    along = op.ReduceMean(dn * normal, axes, keepdims=1)
    return inverse * (dn - (normal * along + mean))


@training_form("RMSNormalization")
def root_mean_square_form(node: Node, _trained: frozenset[str]) -> TrainingForm:
    """``y = x / sqrt(mean(x^2) + epsilon) scale``, along the last axes.

    ONNX's own expansion finds these axes with a loop when it runs, which OpenVINO refuses.
    """
    op, x = node.op, node.input(0)
    rank = rank_of(x, "RMSNormalization")
    axes = list(range(node.attribute("axis", -1) % rank, rank))
    is_wide = x.dtype in {TensorProto.FLOAT, TensorProto.DOUBLE}
    wide = x if is_wide else op.Cast(x, to=TensorProto.FLOAT)
    squares = op.ReduceMean(wide * wide, axes, keepdims=1)
    normal = wide * op.Reciprocal(op.Sqrt(squares + node.attribute("epsilon", 1e-5)))
    return TrainingForm(outputs=[(normal if is_wide else op.Cast(normal, to=x.dtype)) * node.input(1)])


@gradient("LRN")
def local_response_normalization(node: Node) -> Thunk:
    """``y = x s^-beta, s = bias + alpha/size W x^2; dx = dy s^-beta - 2 alpha beta/size x W^T(dy y / s)``.

    W sums over neighbouring channels: a banded matrix.
    """
    op, x, y = node.op, node.input(0), node.output()
    size, beta = int(node.attribute("size")), float(node.attribute("beta", 0.75))
    alpha, bias = float(node.attribute("alpha", 1e-4)), float(node.attribute("bias", 1.0))

    def dx() -> Value:
        channels = size_at(x, 1) or 0
        distance = np.arange(channels)[None] - np.arange(channels)[:, None]  # of a neighbour, by its row
        band = (distance >= -((size - 1) // 2)) & (distance <= size - 1 - (size - 1) // 2)
        window = op.Cast(op.constant(band), to=x.dtype)

        def neighbours(value: Value, matrix: Value) -> Value:
            return reshaped_like(op.MatMul(matrix, op.Reshape(value, [0, channels, -1])), x)

        s = neighbours(x * x, window) * (alpha / size) + bias
        inner = neighbours(node.dy * y / s, op.Transpose(window, perm=[1, 0]))
        return node.dy * s**-beta - x * inner * (2 * alpha * beta / size)

    return dx
