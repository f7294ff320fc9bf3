"""Gradients of pooling."""

import math

import numpy as np

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.rules.convolution import shaped
from pytest_energy.training.shapes import count_of, rank_of, reshaped_like, shape_of, size_at
from pytest_energy.training.tape import Value
from pytest_energy.training.windows import (
    Window,
    numpy_dtype,
    offsets,
    one_image_per_channel,
    padded,
    pooling_window,
    spread_back,
    tap,
    window_of,
)


@gradient("GlobalAveragePool")
def global_average_pool(node: Node) -> Thunk:
    """``dx = dy / places``."""
    op, x = node.op, node.input(0)

    def dx() -> Value:
        sizes = [size_at(x, axis) for axis in range(2, rank_of(x, "GlobalAveragePool"))]
        known = [size for size in sizes if size is not None]
        if len(known) == len(sizes):
            return op.Expand(node.dy * (1.0 / math.prod(known)), shape_of(x))
        share = count_of(node.output(), x.dtype) / count_of(x, x.dtype)
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
        window = pooling_window(node)
        share = shaped(_shared(node, window), y)
        one = x.tape.constant(np.ones((1, 1, *window.kernel), numpy_dtype(x)))
        return reshaped_like(
            spread_back(one_image_per_channel(share), one, window, one_image_per_channel(x)), x
        )

    return dx


@gradient("LpPool")
def lp_pool(node: Node) -> Thunk:
    """``y = (sum |x|^p)^(1/p); dx = sum(dy y^(1-p)) |x|^(p-1) sign(x)`` over the windows that saw it."""
    op, x, y, p = node.op, node.input(0), node.output(), float(node.attribute("p", 2))

    def dx() -> Value:
        window = pooling_window(node)
        share = shaped(node.dy * y ** (1.0 - p), y)
        one = op.constant(np.ones((1, 1, *window.kernel), numpy_dtype(x)))
        spread = reshaped_like(
            spread_back(one_image_per_channel(share), one, window, one_image_per_channel(x)), x
        )
        return spread * (op.Abs(x) ** (p - 1.0) * op.Sign(x))

    return dx


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
