"""Gradients of resizing: a linear map along each axis, known by what it does to unit vectors."""

from collections.abc import Sequence

import numpy as np

from pytest_energy.errors import NoGradient
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.shapes import rank_of
from pytest_energy.training.tape import Value

_IMAGE = 4  # the rank that pooling, and thus the sum over blocks, is for
_ALWAYS_BLOCKS = frozenset({(b"asymmetric", b"floor"), (b"half_pixel", b"round_prefer_floor")})
_SCALES, _SIZES = 2, 3
_OWN = ("axes", "keep_aspect_ratio_policy")  # attributes that a matrix has no use for


@gradient("Resize")
def resize(node: Node) -> Sequence[Thunk]:
    """``Y = A X B^T``, one matrix per axis that changes its size; ``dX = A^T dY B``.

    Whatever mode and coordinates make of A, it is the resized identity matrix. Where pixels are repeated a
    whole number of times, dX is the sum over each block.
    """
    if node.attribute("coordinate_transformation_mode", b"half_pixel") == b"tf_crop_and_resize":
        raise NoGradient(f"Resize {node.name!r} crops, which has no gradient here. Crop with Slice instead.")
    if node.attribute("keep_aspect_ratio_policy", b"stretch") != b"stretch":
        raise NoGradient(
            f"Resize {node.name!r} keeps the ratio of its sides, which has no gradient here. Export it with "
            "the sizes that come of it."
        )
    return [lambda: _summed_blocks(node) or _by_matrices(node)]


def _summed_blocks(node: Node) -> Value | None:
    """Sum blocks of equal pixels by pooling; None where these are no blocks."""
    scales = node.constant(_SCALES)
    if node.attribute("mode", b"nearest") != b"nearest" or scales is None or len(scales) != _IMAGE:
        return None
    how = (
        node.attribute("coordinate_transformation_mode", b"half_pixel"),
        node.attribute("nearest_mode", b"round_prefer_floor"),
    )
    factors = [int(scale) for scale in scales.tolist()]
    if how not in _ALWAYS_BLOCKS or factors[:2] != [1, 1] or (scales != factors).any() or min(factors) < 1:
        return None
    block = factors[2:]
    return node.op.AveragePool(node.dy, kernel_shape=block, strides=block) * float(np.prod(block))


def _by_matrices(node: Node) -> Value:
    dx = node.dy
    for axis, place in _resized(node):
        dx = _along(dx, _matrix(node, axis, place), axis, rank_of(node.input(0), "Resize"))
    return dx


def _resized(node: Node) -> list[tuple[int, int]]:
    """Return the axes that may change their size, each with its place in the scales or sizes."""
    x, y = node.input(0), node.output()
    rank = rank_of(x, "Resize")
    axes = [axis % rank for axis in node.attribute("axes", range(rank))]
    scales = node.constant(_SCALES)
    return [
        (axis, place)
        for place, axis in enumerate(axes)
        if not (scales is not None and scales.size and scales[place] == 1.0) and not _keeps_size(x, y, axis)
    ]


def _keeps_size(x: Value, y: Value, axis: int) -> bool:
    """Whether an axis is known to keep its size, be it by a number or by a symbol."""
    if x.shape is None or y.shape is None:
        return False
    return x.shape[axis] is not None and x.shape[axis] == y.shape[axis]


def _matrix(node: Node, axis: int, place: int) -> Value:
    """Return the matrix ``[old size, new size]`` of one axis: each unit vector, resized."""
    op, x = node.op, node.input(0)
    count = op.Gather(op.Shape(x), op.constant(np.int64(axis)))
    numbers = op.Range(op.constant(np.int64(0)), count, op.constant(np.int64(1)))
    units = op.Cast(op.Equal(op.Unsqueeze(numbers, [1]), op.Unsqueeze(numbers, [0])), to=x.dtype)
    attributes = {name: value for name, value in node.attributes.items() if name not in _OWN}
    scales = node.optional(_SCALES)
    if node.optional(_SIZES) is not None or scales is None:
        size = op.Gather(op.Shape(node.output()), op.ints([axis]))
        return op.Resize(units, None, None, op.Concat(op.Unsqueeze(count, [0]), size, axis=0), **attributes)
    kept = op.constant(np.ones(1, np.float32))
    factors = op.Concat(kept, op.Slice(scales, [place], [place + 1]), axis=0)
    return op.Resize(units, None, factors, **attributes)


def _along(dy: Value, matrix: Value, axis: int, rank: int) -> Value:
    """Multiply one axis of ``dy`` by the transposed matrix."""
    op = dy.tape
    if axis == rank - 2:
        return op.MatMul(matrix, dy)
    if axis == rank - 1:
        return op.MatMul(dy, op.Transpose(matrix, perm=[1, 0]))
    swapped = list(range(rank))
    swapped[axis], swapped[-1] = swapped[-1], swapped[axis]
    last = op.MatMul(op.Transpose(dy, perm=swapped), op.Transpose(matrix, perm=[1, 0]))
    return op.Transpose(last, perm=swapped)
