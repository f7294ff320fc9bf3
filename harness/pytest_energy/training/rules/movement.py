"""Gradients of operators that move elements: each goes back to where it came from."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from onnx import TensorProto, helper

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient, without_gradient
from pytest_energy.training.shapes import count_of, rank_of, reshaped_like, shape_of, size_at, zeros_like
from pytest_energy.training.tape import Value

_END = 2**31

without_gradient(
    "Bernoulli", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "Constant",
    "ConstantOfShape", "EyeLike", "Multinomial", "NonMaxSuppression", "NonZero", "OneHot", "RandomNormal",
    "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Range", "Shape", "Size", "StringNormalizer",
    "Unique",
)  # fmt: skip


@gradient("Reshape", "Flatten", "Squeeze", "Unsqueeze")
def reshape(node: Node) -> Thunk:
    """``dx = dy``, in the shape of ``x``."""
    return lambda: reshaped_like(node.dy, node.input(0))


@gradient("Transpose")
def transpose(node: Node) -> Thunk:
    """``dx = dy``, transposed back."""
    axes = range(rank_of(node.input(0), "Transpose"))
    order = node.attribute("perm", list(reversed(axes)))
    return lambda: node.op.Transpose(node.dy, perm=[list(order).index(axis) for axis in axes])


@gradient("Expand", broadcasts=True)
def expand(node: Node) -> Thunk:
    """``dx = dy``, summed over what was repeated."""
    return lambda: node.dy


@gradient("Concat")
def concat(node: Node) -> Sequence[Thunk]:
    """``dy`` is split into one part per input."""
    op, axis = node.op, int(node.attribute("axis"))
    inputs = list(map(node.input, range(len(node.x))))

    @cache
    def parts() -> tuple[Value, ...]:
        known = [size_at(value, axis) for value in inputs]
        sizes = [size for size in known if size is not None]
        if len(sizes) == len(inputs):
            return op.calls("Split", len(inputs), node.dy, sizes, axis=axis)
        found = [op.Gather(op.Shape(value), op.ints([axis])) for value in inputs]
        return op.calls("Split", len(inputs), node.dy, op.call("Concat", *found, axis=0), axis=axis)

    if len(inputs) == 1:
        return [lambda: node.dy]

    def part(index: int) -> Thunk:
        return lambda: parts()[index]

    return [part(index) for index in range(len(inputs))]


@gradient("Split")
def split(node: Node) -> Thunk:
    """``dx`` is put together again from the ``dy``, with zeros for parts that are not used."""

    def dx() -> Value:
        parts = [
            zeros_like(y) if dy is None else dy
            for y, dy in zip(node.y, node.dys, strict=True)
            if y is not None
        ]
        return parts[0] if len(parts) == 1 else node.op.call("Concat", *parts, axis=node.attribute("axis", 0))

    return dx


@gradient("Slice")
def cut(node: Node) -> Thunk:
    """``dx`` is ``dy`` with zeros around; scattered, where steps are taken or sizes are unknown."""
    return lambda: _padded_back(node) or _scattered_back(node)


def _padded_back(node: Node) -> Value | None:
    """Pad ``dy`` up to ``x``; None where bounds or sizes are not known, or elements are left out between."""
    x = node.input(0)
    starts, ends, steps = node.constant(1), node.constant(2), node.constant(4)
    if starts is None or ends is None or x.shape is None:
        return None
    axes = np.arange(starts.size) if node.optional(3) is None else node.constant(3)
    if axes is None:
        return None
    if (node.optional(4) is not None and steps is None) or (steps is not None and (steps != 1).any()):
        return None
    before, after = [0] * len(x.shape), [0] * len(x.shape)
    for axis, start, end in zip(axes.tolist(), starts.tolist(), ends.tolist(), strict=True):
        size = size_at(x, axis)
        if size is None:
            return None
        first, last, _ = slice(start, end).indices(size)
        before[axis], after[axis] = first, size - max(first, last)
    return node.op.Pad(node.dy, [*before, *after])


@gradient("Pad")
def pad(node: Node) -> Thunk:
    """``dx`` is what of ``dy`` lies where ``x`` was put; what was repeated adds up."""
    mode = node.attribute("mode", b"constant")
    if mode != b"constant":
        return lambda: _scattered_back(node, adds=True)
    op = node.op
    return lambda: op.call("Pad", node.dy, op.Neg(node.input(1)), None, *_axes_of_pad(node))


def _axes_of_pad(node: Node) -> list[Value]:
    axes = node.optional(3)
    return [] if axes is None else [axes]


@gradient("Gather")
def gather(node: Node) -> Thunk:
    """``dx[indices] += dy``, along the axis."""
    axis = int(node.attribute("axis", 0))
    rank = rank_of(node.input(0), "Gather")
    return lambda: _padded_row(node, axis % rank) or _added_rows(node, axis % rank)


def _padded_row(node: Node, axis: int) -> Value | None:
    """Return ``dy`` with zeros around where one known index was taken; None where it is not so."""
    index, size = node.constant(1), size_at(node.input(0), axis)
    if index is None or index.ndim or size is None:
        return None
    rank, position = rank_of(node.input(0), "Gather"), int(index) % size
    pads = [0] * (2 * rank)
    pads[axis], pads[rank + axis] = position, size - 1 - position
    return node.op.Pad(node.op.Unsqueeze(node.dy, [axis]), pads)


def _added_rows(node: Node, axis: int) -> Value:
    op, x = node.op, node.input(0)
    rank, index_rank = rank_of(x, "Gather"), rank_of(node.input(1), "Gather")
    if axis == 0:
        return _scattered_rows(node, zeros_like(x), node.dy)
    first = [axis, *(each for each in range(rank) if each != axis)]
    dy_rank = rank - 1 + index_rank
    moved = [*range(axis, axis + index_rank), *range(axis), *range(axis + index_rank, dy_rank)]
    empty = op.Transpose(zeros_like(x), perm=first)
    added = _scattered_rows(node, empty, op.Transpose(node.dy, perm=moved))
    return op.Transpose(added, perm=[first.index(each) for each in range(rank)])


def _scattered_rows(node: Node, empty: Value, rows: Value) -> Value:
    """Add rows, which have the axes of the indices in front, where these say.

    OpenVINO has no ScatterND that adds. ScatterElements does the same, an index being given for every number.
    """
    op, indices = node.op, node.input(1)
    index_rank, inner = rank_of(indices, "Gather"), rank_of(node.input(0), "Gather") - 1
    if node.lowering is Lowering.CPU:
        where = op.Cast(op.Unsqueeze(indices, [index_rank]), to=TensorProto.INT64)  # ScatterND takes no other
        return op.ScatterND(empty, where, rows, reduction="add")
    flat = op.Reshape(rows, op.Concat(op.ints([-1]), op.Slice(op.Shape(empty), [1], [_END]), axis=0))
    column = op.Reshape(indices, [-1, *[1] * inner])
    return op.ScatterElements(empty, op.Expand(column, op.Shape(flat)), flat, axis=0, reduction="add")


@gradient("GatherElements")
def gather_elements(node: Node) -> Thunk:
    """``dx[indices] += dy``, element by element along the axis."""
    op, axis = node.op, node.attribute("axis", 0)
    return lambda: op.ScatterElements(
        zeros_like(node.input(0)), node.input(1), node.dy, axis=axis, reduction="add"
    )


@gradient("GatherND", "Tile", "ReverseSequence", "Compress")
def moved_elements(node: Node) -> Thunk:
    """``dx[source] += dy``, the source of each element being found by moving indices in the same way."""
    return lambda: _scattered_back(node, adds=True)


@gradient("ScatterND")
def scatter_nd(node: Node) -> Sequence[Thunk | None]:
    """``y = x; y[indices] = u; dx = dy, dx[indices] = 0; du = dy[indices]``.

    Where the updates are added, ``dx = dy``.
    """
    op, updates = node.op, node.input(2)
    adds = node.attribute("reduction", b"none") == b"add"

    def dx() -> Value:
        return node.dy if adds else op.ScatterND(node.dy, node.input(1), zeros_like(updates))

    return dx, None, lambda: op.GatherND(node.dy, node.input(1))


@gradient("ScatterElements")
def scatter_elements(node: Node) -> Sequence[Thunk | None]:
    """As ScatterND, element by element along the axis."""
    op, axis, updates = node.op, node.attribute("axis", 0), node.input(2)
    adds = node.attribute("reduction", b"none") == b"add"

    def dx() -> Value:
        zeros = zeros_like(updates)
        return node.dy if adds else op.ScatterElements(node.dy, node.input(1), zeros, axis=axis)

    return dx, None, lambda: op.GatherElements(node.dy, node.input(1), axis=axis)


@gradient("Trilu")
def triangle(node: Node) -> Thunk:
    """``dx`` is the same triangle of ``dy``."""
    diagonal = [] if node.optional(1) is None else [node.input(1)]
    return lambda: node.op.Trilu(node.dy, *diagonal, upper=node.attribute("upper", 1))


@gradient("SpaceToDepth")
def space_to_depth(node: Node) -> Thunk:
    """``dx`` is ``dy`` with depth made space again."""
    return lambda: node.op.DepthToSpace(node.dy, blocksize=node.attribute("blocksize"))


@gradient("DepthToSpace")
def depth_to_space(node: Node) -> Thunk:
    """``dx`` is ``dy`` with space made depth again, in the order that the mode asks for."""
    op, block = node.op, node.attribute("blocksize")

    def dx() -> Value:
        deep = op.SpaceToDepth(node.dy, blocksize=block)
        if node.attribute("mode", b"DCR") == b"DCR":
            return deep
        channels = size_at(node.input(0), 1)
        if channels is None:
            return _scattered_back(node)
        order = np.arange(channels).reshape(block * block, -1).T.reshape(-1)
        return op.Gather(deep, op.constant(order.astype(np.int64)), axis=1)

    return dx


def _scattered_back(node: Node, *, adds: bool = False) -> Value:
    """Find where each element of ``y`` came from by moving the indices of ``x``, and put ``dy`` there."""
    op, x = node.op, node.input(0)
    count = count_of(x, TensorProto.INT64)
    indices = op.Reshape(op.Range(op.constant(np.int64(0)), count, op.constant(np.int64(1))), shape_of(x))
    rest = [value if value is None or value.dtype != x.dtype else None for value in node.x[1:]]
    source = op.call(node.operator, indices, *rest, **node.attributes)
    flat = op.Reshape(source, [-1])
    empty = op.ConstantOfShape(op.Reshape(count, [1]), value=helper.make_tensor("zero", x.dtype, [1], [0]))
    how = {"reduction": "add"} if adds else {}
    return reshaped_like(op.ScatterElements(empty, flat, op.Reshape(node.dy, [-1]), axis=0, **how), x)
