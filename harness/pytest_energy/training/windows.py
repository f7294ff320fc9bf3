"""Windows: how convolution and pooling slide over space, and what each tap of a window sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from onnx import helper

from pytest_energy.errors import ModelError
from pytest_energy.training.node import Node
from pytest_energy.training.shapes import rank_of, size_at
from pytest_energy.training.tape import Value

_SPATIAL = 2  # the first axis of space, after batch and channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A sliding window over the axes of space.

    Attributes:
        kernel: Its size per axis.
        strides: By how much it moves.
        dilations: How far apart its taps are.
        before: Padding before the first element.
        after: Padding after the last one.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def rank(self) -> int:
        """The number of axes of space."""
        return len(self.kernel)

    @property
    def extent(self) -> tuple[int, ...]:
        """The size that its taps span, per axis."""
        return tuple((size - 1) * gap + 1 for size, gap in zip(self.kernel, self.dilations, strict=True))

    @property
    def is_pointwise(self) -> bool:
        """Whether it has one tap and no padding."""
        return set(self.kernel) == {1} and not any((*self.before, *self.after))

    @property
    def is_dense(self) -> bool:
        """Whether it moves by one."""
        return set(self.strides) == {1}

    @property
    def tiles(self) -> bool:
        """Whether windows neither overlap nor leave gaps nor reach over the edge."""
        return (
            self.kernel == self.strides
            and set(self.dilations) == {1}
            and not any((*self.before, *self.after))
        )

    @property
    def pads(self) -> list[int]:
        """Padding as the attribute ``pads`` has it."""
        return [*self.before, *self.after]


def window_of(node: Node, kernel: Sequence[int], x: Value, y: Value) -> Window:
    """Read the window of a convolution or pooling.

    Args:
        node: The operator.
        kernel: Its size per axis of space.
        x: What the window slides over.
        y: What has one element per place of the window.
    """
    rank = len(kernel)
    strides = tuple(node.attribute("strides") or [1] * rank)
    dilations = tuple(node.attribute("dilations") or [1] * rank)
    extent = [(size - 1) * gap + 1 for size, gap in zip(kernel, dilations, strict=True)]
    pads = _pads(node, rank, strides, extent, (x, y))
    return Window(
        kernel=tuple(kernel),
        strides=strides,
        dilations=dilations,
        before=tuple(pads[:rank]),
        after=tuple(pads[rank:]),
    )


def _pads(
    node: Node, rank: int, strides: Sequence[int], extent: Sequence[int], ends: tuple[Value, Value]
) -> list[int]:
    kind = node.attribute("auto_pad", b"NOTSET")
    if kind == b"NOTSET":
        return list(node.attribute("pads") or [0] * (2 * rank))
    if kind == b"VALID":
        return [0] * (2 * rank)
    totals = []
    for axis in range(rank):
        if strides[axis] == 1:  # as many places as there are pixels
            totals.append(extent[axis] - 1)
            continue
        size, places = (size_at(value, _SPATIAL + axis) for value in ends)
        if size is None or places is None:
            raise ModelError(
                f"{node.operator} {node.name!r} pads automatically and its sizes are unknown. Export the "
                "model with fixed sizes of its images."
            )
        totals.append(max(0, (places - 1) * strides[axis] + extent[axis] - size))
    small, large = [total // 2 for total in totals], [total - total // 2 for total in totals]
    return [*small, *large] if kind == b"SAME_UPPER" else [*large, *small]


def padded(x: Value, window: Window, fill: float = 0.0) -> Value:
    """Pad space as the window asks for."""
    if not any(window.pads):
        return x
    rank = _SPATIAL + window.rank
    pads = [0, 0, *window.before, 0, 0, *window.after]
    value = [] if fill == 0.0 else [x.like(fill)]
    made = x.tape.call("Pad", x, pads, *value)
    shape = None
    if x.shape is not None:
        sizes = zip(x.shape, pads[:rank], pads[rank:], strict=True)
        shape = tuple(
            size + a + b if isinstance(size, int) else (size if a == b == 0 else None) for size, a, b in sizes
        )
    return Value(name=made.name, dtype=x.dtype, shape=shape, tape=x.tape)


def tap(x: Value, window: Window, offset: Sequence[int], places: Value, first: int = _SPATIAL) -> Value:
    """Return what one tap sees at every place of the window, shaped like ``places`` in space.

    Args:
        x: What the window slides over, padded.
        window: The window.
        offset: Index of the tap, per axis.
        places: A value with one element per place.
        first: First axis of space of ``x``.
    """
    op = x.tape
    starts = [index * gap for index, gap in zip(offset, window.dilations, strict=True)]
    axes = list(range(first, first + window.rank))
    counts = [size_at(places, _SPATIAL + axis) for axis in range(window.rank)]
    known = [count for count in counts if count is not None]
    if len(known) < window.rank:
        found = op.Slice(op.Shape(places), [_SPATIAL], [_SPATIAL + window.rank])
        moved = (found - op.ints([1])) * op.ints(window.strides) + op.ints([start + 1 for start in starts])
        return op.Slice(x, starts, moved, axes, list(window.strides))
    ends = [
        start + (count - 1) * stride + 1
        for start, count, stride in zip(starts, known, window.strides, strict=True)
    ]
    if window.is_dense and not any(starts) and ends == [size_at(x, axis) for axis in axes]:
        return x
    return op.Slice(x, starts, ends, axes, list(window.strides))


def offsets(window: Window) -> list[tuple[int, ...]]:
    """Return the index of every tap, in the order of the kernel's memory."""
    return list(np.ndindex(*window.kernel))


def spread_back(dy: Value, weight: Value, window: Window, x: Value, group: int = 1) -> Value:
    """Add to each element of ``x`` what the windows that saw it have: a transposed convolution.

    Args:
        dy: One element per place of the window.
        weight: Weight of every tap, as in a convolution of ``x``.
        window: The window.
        x: What it slid over; the result has its shape.
        group: Number of groups of channels.
    """
    op = dy.tape
    extra = _left_over(window, x, dy)
    if extra is not None:
        padding = {"output_padding": extra} if any(extra) else {}
        return _transposed((dy, weight), window, group, **padding)
    widest = [stride - 1 for stride in window.strides]
    wide = _transposed((dy, weight), window, group, **({"output_padding": widest} if any(widest) else {}))
    axes = list(range(_SPATIAL, _SPATIAL + window.rank))
    sizes = op.Slice(op.Shape(x), [_SPATIAL], [_SPATIAL + window.rank])
    return op.Slice(wide, [0] * window.rank, sizes, axes)


def _transposed(operands: tuple[Value, Value], window: Window, group: int, **more: object) -> Value:
    return operands[0].tape.call(
        "ConvTranspose",
        *operands,
        kernel_shape=list(window.kernel),
        strides=list(window.strides),
        dilations=list(window.dilations),
        pads=window.pads,
        group=group,
        **more,
    )


def _left_over(window: Window, x: Value, y: Value) -> list[int] | None:
    """Return how much of ``x`` lies behind the last window; None where sizes are unknown."""
    if window.is_dense:
        return [0] * window.rank
    rest = []
    for axis in range(window.rank):
        size, places = size_at(x, _SPATIAL + axis), size_at(y, _SPATIAL + axis)
        if size is None or places is None:
            return None
        padded_size = size + window.before[axis] + window.after[axis]
        rest.append(padded_size - (places - 1) * window.strides[axis] - window.extent[axis])
    return rest


def pooling_window(node: Node) -> Window:
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


def one_image_per_channel(value: Value) -> Value:
    """Make every channel an image of its own, so that one kernel serves them all."""
    op = value.tape
    sizes = [size_at(value, axis) for axis in range(2, rank_of(value, "pooling"))]
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes):
        made = op.Reshape(value, [-1, 1, *known])
    else:
        made = op.Reshape(value, op.Concat(op.ints([-1, 1]), op.Slice(op.Shape(value), [2], [2**31]), axis=0))
    return Value(name=made.name, dtype=value.dtype, shape=(None, 1, *sizes), tape=op)


def numpy_dtype(value: Value) -> np.dtype[np.generic]:
    """Return the element type of a value as numpy has it."""
    return helper.tensor_dtype_to_np_dtype(value.dtype)
