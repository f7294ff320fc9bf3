"""Gradients of pooling."""

import math

import numpy as np

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.rules.convolution import shaped
from pytest_energy.training.shapes import rank_of, reshaped_like, shape_of, size_at
from pytest_energy.training.tape import Value
from pytest_energy.training.windows import Window, offsets, padded, spread_back, tap, window_of

_LOWEST = -3e38  # of what a float32 can hold; padding is never the largest


@gradient("GlobalAveragePool")
def global_average_pool(node: Node) -> Thunk:
    """``dx = dy / places``."""
    op, x = node.op, node.input(0)

    def dx() -> Value:
        sizes = [size_at(x, axis) for axis in range(2, rank_of(x, "GlobalAveragePool"))]
        known = [size for size in sizes if size is not None]
        if len(known) == len(sizes):
            return op.Expand(node.dy * (1.0 / math.prod(known)), shape_of(x))
        share = op.Cast(op.Size(node.output()), to=x.dtype) / op.Cast(op.Size(x), to=x.dtype)
        return op.Expand(node.dy * share, shape_of(x))

    return dx


@gradient("GlobalMaxPool")
def global_max_pool(node: Node) -> Thunk:
    """``dx = dy [x = y] / ties``."""
    op, x = node.op, node.input(0)

    def dx() -> Value:
        is_largest = op.Cast(op.Equal(x, node.output()), to=x.dtype)
        axes = list(range(2, rank_of(x, "GlobalMaxPool")))
        return is_largest * (node.dy / op.ReduceSum(is_largest, axes, keepdims=1))

    return dx


@gradient("AveragePool")
def average_pool(node: Node) -> Thunk:
    """Every element of a window gets ``dy / count``; what several windows give adds up."""
    x, y = node.input(0), node.output()

    def dx() -> Value:
        window = _window(node)
        share = shaped(_shared(node, window), y)
        one = x.tape.constant(np.ones((1, 1, *window.kernel), node_dtype(x)))
        return reshaped_like(spread_back(_single(share), one, window, _single(x)), x)

    return dx


@gradient("LpPool")
def lp_pool(node: Node) -> Thunk:
    """``y = (sum |x|^p)^(1/p); dx = sum(dy y^(1-p)) |x|^(p-1) sign(x)`` over the windows that saw it."""
    op, x, y, p = node.op, node.input(0), node.output(), float(node.attribute("p", 2))

    def dx() -> Value:
        window = _window(node)
        share = shaped(node.dy * y ** (1.0 - p), y)
        one = op.constant(np.ones((1, 1, *window.kernel), node_dtype(x)))
        spread = reshaped_like(spread_back(_single(share), one, window, _single(x)), x)
        return spread * (op.Abs(x) ** (p - 1.0) * op.Sign(x))

    return dx


@gradient("MaxPool")
def max_pool(node: Node) -> Thunk:
    """``dx`` is ``dy`` where the tap of a window is its largest; overlapping windows add up, ties share.

    Asking the forward pass for Indices would make it many times slower on ONNX Runtime's CPU provider.
    """
    op, x, y = node.op, node.input(0), node.output()

    def dx() -> Value:
        window = _window(node)
        wide = padded(x, window, _LOWEST)
        masks = [op.Cast(op.Equal(tap(wide, window, offset, y), y), to=x.dtype) for offset in offsets(window)]
        share = node.dy / op.call("Sum", *masks)
        taps = op.call("Concat", *(op.Unsqueeze(mask * share, [2]) for mask in masks), axis=2)
        count = math.prod(window.kernel)
        columns = Value(
            name=_columns(taps, y, count).name,
            dtype=x.dtype,
            shape=None if y.shape is None else (None, count, *y.shape[2:]),
            tape=op,
        )
        one_each = np.eye(count, dtype=node_dtype(x)).reshape(count, 1, *window.kernel)
        return reshaped_like(spread_back(columns, op.constant(one_each), window, _single(x)), x)

    return dx


def _columns(taps: Value, y: Value, count: int) -> Value:
    """Make (batch, channels, taps, space) one image per channel, whose channels are the taps."""
    op = taps.tape
    sizes = [size_at(y, axis) for axis in range(2, rank_of(y, "MaxPool"))]
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes):
        return op.Reshape(taps, [-1, count, *known])
    space = op.Slice(op.Shape(y), [2], [2**31])
    return op.Reshape(taps, op.Concat(op.ints([-1, count]), space, axis=0))


def _window(node: Node) -> Window:
    """Return the window, padded behind by as much as rounding up adds."""
    x, y = node.input(0), node.output()
    window = window_of(node, node.attribute("kernel_shape"), x, y)
    if not node.attribute("ceil_mode", 0):
        return window
    after = list(window.after)
    for axis in range(window.rank):
        size, places = size_at(x, 2 + axis), size_at(y, 2 + axis)
        if size is None or places is None:
            after[axis] += window.strides[axis] - 1
            continue
        needed = (places - 1) * window.strides[axis] + window.extent[axis]
        after[axis] = max(after[axis], needed - size - window.before[axis])
    return Window(
        kernel=window.kernel,
        strides=window.strides,
        dilations=window.dilations,
        before=window.before,
        after=tuple(after),
    )


def _shared(node: Node, window: Window) -> Value:
    """Divide ``dy`` by the number of elements that each window averaged."""
    op, x, y = node.op, node.input(0), node.output()
    if not any(window.pads):
        return node.dy * (1.0 / math.prod(window.kernel))
    # What the operator makes of ones and zeros tells how many elements count.
    ones = op.Expand(x.like(1.0), shape_of(x))
    inside = padded(shaped(ones, x), window)
    if node.attribute("count_include_pad", 0):
        given = window_of(node, window.kernel, x, y)
        more = [after - own for after, own in zip(window.after, given.after, strict=True)]
        inside = op.Pad(
            ones,
            [0, 0, *window.before, 0, 0, *given.after],
            x.like(1.0),
        )
        inside = op.Pad(inside, [0] * (2 + window.rank) + [0, 0, *more]) if any(more) else inside
        inside = Value(name=inside.name, dtype=x.dtype, shape=padded_shape(x, window), tape=op)
    counts = op.call("Sum", *(tap(inside, window, offset, y) for offset in offsets(window)))
    return node.dy / counts


def padded_shape(x: Value, window: Window) -> tuple[int | str | None, ...] | None:
    """Return the shape of ``x`` with its padding."""
    if x.shape is None:
        return None
    more = (0, 0, *(a + b for a, b in zip(window.before, window.after, strict=True)))
    return tuple(
        size + add if isinstance(size, int) else None for size, add in zip(x.shape, more, strict=True)
    )


def _single(value: Value) -> Value:
    """Make every channel an image of its own, so that one kernel serves them all."""
    op = value.tape
    sizes = [size_at(value, axis) for axis in range(2, rank_of(value, "pooling"))]
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes):
        made = op.Reshape(value, [-1, 1, *known])
    else:
        made = op.Reshape(value, op.Concat(op.ints([-1, 1]), op.Slice(op.Shape(value), [2], [2**31]), axis=0))
    return Value(name=made.name, dtype=value.dtype, shape=(None, 1, *sizes), tape=op)


def node_dtype(value: Value) -> np.dtype[np.generic]:
    """Return the element type of a value as numpy has it."""
    from onnx import helper  # noqa: PLC0415

    return helper.tensor_dtype_to_np_dtype(value.dtype)
