"""Gradients of convolutions, written with the operators that run fastest for their shapes."""

import math
from collections.abc import Sequence

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.shapes import rank_of, reshaped_like, size_at
from pytest_energy.training.tape import Value
from pytest_energy.training.windows import Window, offsets, padded, spread_back, tap, window_of

_END = 2**31
_FEW_CHANNELS = 4  # with so few, a product per tap does not pay


@gradient("Conv")
def conv(node: Node) -> Sequence[Thunk]:
    """``dx`` is a transposed convolution of ``dy``; ``dw`` correlates ``x`` and ``dy``; ``db = sum(dy)``."""
    x, w, y = node.input(0), node.input(1), node.output()
    window, group = window_of(node, _kernel(node, w), x, y), node.attribute("group", 1)
    return (
        lambda: _input_gradient(shaped(node.dy, y), w, window, x, group),
        lambda: weight_gradient(x, shaped(node.dy, y), w, window, node),
        lambda: _bias_gradient(node.dy, y),
    )


@gradient("ConvTranspose")
def conv_transpose(node: Node) -> Sequence[Thunk]:
    """``dx`` is a convolution of ``dy``; ``dw`` correlates ``dy`` and ``x``; ``db = sum(dy)``."""
    x, w, y = node.input(0), node.input(1), node.output()
    window, group = _transposed_window(node, x, w, y), node.attribute("group", 1)

    def dx() -> Value:
        dy, axes = node.dy, list(range(2, 2 + window.rank))
        wide = node.op.Conv(dy, w, **_attributes(window), group=group)
        sizes = [size_at(x, axis) for axis in axes]
        known = [size for size in sizes if size is not None]
        if window.is_dense:
            return wide
        ends = known if len(known) == window.rank else node.op.Slice(node.op.Shape(x), [2], [2 + window.rank])
        return node.op.Slice(wide, [0] * window.rank, ends, axes)

    return (
        dx,
        lambda: weight_gradient(shaped(node.dy, y), x, w, window, node),
        lambda: _bias_gradient(node.dy, y),
    )


def _transposed_window(node: Node, x: Value, w: Value, y: Value) -> Window:
    """Return the window that slides over ``y``; its padding follows where the size of ``y`` is asked for."""
    window = window_of(node, _kernel(node, w), y, x)
    if node.attribute("output_shape") is None:
        return window
    before, after = [], []
    for axis in range(window.rank):
        size, places = size_at(y, 2 + axis) or 0, size_at(x, 2 + axis) or 0
        extra = (node.attribute("output_padding") or [0] * window.rank)[axis]
        total = window.strides[axis] * (places - 1) + extra + window.extent[axis] - size
        is_upper = node.attribute("auto_pad", b"NOTSET") == b"SAME_UPPER"
        first = total // 2 if is_upper else total - total // 2
        before.append(first)
        after.append(total - first)
    return Window(
        kernel=window.kernel,
        strides=window.strides,
        dilations=window.dilations,
        before=tuple(before),
        after=tuple(after),
    )


def shaped(value: Value, model: Value) -> Value:
    """Return a gradient with the shape that it has, known from what it is the gradient by."""
    return Value(name=value.name, dtype=value.dtype, shape=model.shape, tape=value.tape)


def weight_gradient(x: Value, dy: Value, w: Value, window: Window, node: Node) -> Value:
    """Return the gradient by the weights of a convolution of ``x``.

    Args:
        x: What the window slid over.
        dy: Gradient by what the convolution put out.
        w: Its weights, (channels of ``dy``, channels of ``x`` per group, kernel).
        window: The window.
        node: The operator, for group and lowering.
    """
    group = node.attribute("group", 1)
    inputs = size_at(w, 1)
    if inputs == 1 and group == size_at(w, 0):
        return _depthwise(x, dy, w, window)
    if group == 1 and inputs is not None and inputs <= _FEW_CHANNELS and not window.is_pointwise:
        return _by_convolution(x, dy, window)
    if group == 1 and node.lowering is Lowering.CPU and _pays_to_move(dy, w, window):
        return _by_rows(x, dy, w, window)
    return _by_products(x, dy, w, window, group)


def _pays_to_move(dy: Value, w: Value, window: Window) -> bool:
    """Whether moving channels to the end costs less than what it saves: one product instead of one per image.

    With several taps it always does; with one, where the weights are larger than what an image holds.
    """
    sizes = [size_at(dy, axis) for axis in range(2, 2 + window.rank)]
    outputs, inputs = size_at(w, 0), size_at(w, 1)
    if not window.is_pointwise or None in sizes or outputs is None or inputs is None:
        return not window.is_pointwise
    return outputs * inputs > math.prod(size or 1 for size in sizes) * (outputs + inputs)


def _kernel(node: Node, w: Value) -> list[int]:
    given = node.attribute("kernel_shape")
    if given:
        return list(given)
    return [size_at(w, axis) or 0 for axis in range(2, rank_of(w, node.operator))]


def _attributes(window: Window) -> dict[str, list[int]]:
    return {
        "kernel_shape": list(window.kernel),
        "strides": list(window.strides),
        "dilations": list(window.dilations),
        "pads": window.pads,
    }


def _bias_gradient(dy: Value, y: Value) -> Value:
    return dy.tape.ReduceSum(dy, [0, *range(2, rank_of(y, "Conv"))], keepdims=0)


def _input_gradient(dy: Value, w: Value, window: Window, x: Value, group: int) -> Value:
    op = dy.tape
    if window.is_pointwise and window.is_dense and group == 1:
        matrix = op.Transpose(op.Flatten(w, axis=1), perm=[1, 0])
        return reshaped_like(op.MatMul(matrix, _spatial_rows(dy)), x)
    if window.is_dense:
        return _by_flipped_weights(dy, w, window, group)
    return spread_back(dy, w, window, x, group)


def _spatial_rows(value: Value) -> Value:
    """Make all axes of space one axis: (batch, channels, places)."""
    channels = size_at(value, 1)
    if rank_of(value, "Conv") == 3:  # noqa: PLR2004 - it is so already
        return value
    return value.tape.Reshape(value, [0, 0 if channels is None else channels, -1])


def _by_flipped_weights(dy: Value, w: Value, window: Window, group: int) -> Value:
    """Convolve ``dy`` with the weights turned round, and their channels swapped within each group."""
    op, axes = dy.tape, list(range(2, 2 + window.rank))
    flipped = w
    if set(window.kernel) != {1}:
        flipped = op.Slice(w, [-1] * window.rank, [-(2**31)] * window.rank, axes, [-1] * window.rank)
    order = [1, 0, *axes]
    if group == 1:
        swapped = op.Transpose(flipped, perm=order)
    else:
        outputs, inputs = size_at(w, 0) or 0, size_at(w, 1) or 0
        apart = op.Reshape(flipped, [group, outputs // group, inputs, *window.kernel])
        turned = op.Transpose(apart, perm=[0, *(axis + 1 for axis in order)])
        swapped = op.Reshape(turned, [group * inputs, outputs // group, *window.kernel])
    before = [extent - 1 - pad for extent, pad in zip(window.extent, window.before, strict=True)]
    after = [extent - 1 - pad for extent, pad in zip(window.extent, window.after, strict=True)]
    full = Window(
        kernel=window.kernel,
        strides=window.strides,
        dilations=window.dilations,
        before=tuple(max(0, pad) for pad in before),
        after=tuple(max(0, pad) for pad in after),
    )
    convolved = op.Conv(dy, swapped, **_attributes(full), group=group)
    return _cropped(convolved, before, after)


def _cropped(value: Value, before: list[int], after: list[int]) -> Value:
    """Take away what padding wider than the kernel asks to take away."""
    low, high = [min(0, pad) for pad in before], [min(0, pad) for pad in after]
    if not any((*low, *high)):
        return value
    starts, ends = [-pad for pad in low], [pad or _END for pad in high]
    return value.tape.Slice(value, starts, ends, list(range(2, 2 + len(low))))


def _by_convolution(x: Value, dy: Value, window: Window) -> Value:
    """Convolve ``x`` with ``dy``, the batch and the channels having changed places."""
    op, axes = x.tape, range(2, 2 + window.rank)
    swap = [1, 0, *axes]
    correlated = op.Conv(
        op.Transpose(x, perm=swap),
        op.Transpose(dy, perm=swap),
        strides=list(window.dilations),
        dilations=list(window.strides),
        pads=window.pads,
    )
    if not window.is_dense:  # there may be more than the kernel, where elements lie behind the last window
        correlated = op.Slice(correlated, [0] * window.rank, list(window.kernel), list(axes))
    return op.Transpose(correlated, perm=swap)


def _by_rows(x: Value, dy: Value, w: Value, window: Window) -> Value:
    """Multiply (outputs, rows) by (rows, inputs) for each tap, a row being a place of one image."""
    op, channels_last = x.tape, [0, *range(2, 2 + window.rank), 1]
    outputs, inputs = size_at(w, 0) or -1, size_at(w, 1) or -1
    dy_rows = op.Reshape(op.Transpose(dy, perm=channels_last), [-1, outputs])
    wide = padded(x, window)
    shape = None if wide.shape is None else tuple(wide.shape[axis] for axis in channels_last)
    moved = op.Transpose(wide, perm=channels_last)
    last = Value(name=moved.name, dtype=x.dtype, shape=shape, tape=op)
    products = [
        op.Gemm(dy_rows, op.Reshape(tap(last, window, offset, dy, first=1), [-1, inputs]), transA=1)
        for offset in offsets(window)
    ]
    stacked = op.call("Concat", *(op.Unsqueeze(each, [2]) for each in products), axis=2)
    return reshaped_like(stacked, w)


def _by_products(x: Value, dy: Value, w: Value, window: Window, group: int) -> Value:
    """Multiply (outputs, places) by (places, inputs) for each tap, image and group, and sum over images."""
    op, wide = x.tape, padded(x, window)
    outputs, inputs = size_at(w, 0) or -1, size_at(w, 1) or -1
    grouped = [0, group, outputs // group, -1]
    rows = op.Reshape(dy, grouped if group > 1 else [0, outputs, -1])
    swap = [0, 1, 3, 2] if group > 1 else [0, 2, 1]
    products = []
    for offset in offsets(window):
        seen = op.Reshape(
            tap(wide, window, offset, dy), [0, group, inputs, -1] if group > 1 else [0, inputs, -1]
        )
        product = op.MatMul(rows, op.Transpose(seen, perm=swap))
        products.append(op.ReduceSum(product, [0], keepdims=0))
    if len(products) == 1:
        return reshaped_like(products[0], w)
    last = len(swap) - 1
    stacked = op.call("Concat", *(op.Unsqueeze(each, [last]) for each in products), axis=last)
    return reshaped_like(stacked, w)


def _depthwise(x: Value, dy: Value, w: Value, window: Window) -> Value:
    """Multiply element by element and sum over images and places, for each tap."""
    op, wide = x.tape, padded(x, window)
    axes = [0, *range(2, 2 + window.rank)]
    sums = [op.ReduceSum(tap(wide, window, offset, dy) * dy, axes, keepdims=0) for offset in offsets(window)]
    return reshaped_like(op.call("Concat", *(op.Unsqueeze(each, [1]) for each in sums), axis=1), w)
