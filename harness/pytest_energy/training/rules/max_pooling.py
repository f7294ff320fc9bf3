"""Gradients of the largest of a window.

Asking the forward pass for Indices would make it many times slower on ONNX Runtime's CPU provider: the taps
of a window are compared with its largest element instead.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.shapes import rank_of, reshaped_like, size_at
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
)

_LOWEST = -3e38  # of what a float32 can hold; padding is never the largest
_PLANE = 2  # axes of space that SpaceToDepth knows


@gradient("MaxPool")
def max_pool(node: Node) -> Thunk:
    """``dx`` is ``dy`` where the tap of a window is its largest; overlapping windows add up, ties share."""
    return lambda: _by_transposed_convolution(node, pooling_window(node))


@gradient("MaxPool", lowering=Lowering.CPU)
def max_pool_on_cpu(node: Node) -> Thunk:
    """As above; where sizes are known, without steps, which ONNX Runtime's CPU provider takes slowly."""

    def dx() -> Value:
        window = pooling_window(node)
        grid = _Grid.of(node, window)
        return _by_transposed_convolution(node, window) if grid is None else _by_phases(node, window, grid)

    return dx


def _by_transposed_convolution(node: Node, window: Window) -> Value:
    op, x, y = node.op, node.input(0), node.output()
    wide = padded(x, window, _LOWEST)
    shares = _shares(node, [tap(wide, window, offset, y) for offset in offsets(window)])
    taps = op.call("Concat", *(op.Unsqueeze(share, [2]) for share in shares), axis=2)
    count = math.prod(window.kernel)
    columns = Value(
        name=_columns(taps, y, count).name,
        dtype=x.dtype,
        shape=None if y.shape is None else (None, count, *y.shape[2:]),
        tape=op,
    )
    one_each = np.eye(count, dtype=numpy_dtype(x)).reshape(count, 1, *window.kernel)
    spread = spread_back(columns, op.constant(one_each), window, one_image_per_channel(x))
    return reshaped_like(spread, x)


def _shares(node: Node, taps: list[Value]) -> list[Value]:
    """Return what each tap gets of ``dy``."""
    op, y = node.op, node.output()
    masks = [op.Cast(op.Equal(seen, y), to=y.dtype) for seen in taps]
    share = node.dy / op.call("Sum", *masks)
    return [mask * share for mask in masks]


def _columns(taps: Value, y: Value, count: int) -> Value:
    """Make (batch, channels, taps, space) one image per channel, whose channels are the taps."""
    op = taps.tape
    sizes = [size_at(y, axis) for axis in range(2, rank_of(y, "MaxPool"))]
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes):
        return op.Reshape(taps, [-1, count, *known])
    space = op.Slice(op.Shape(y), [2], [2**31])
    return op.Reshape(taps, op.Concat(op.ints([-1, count]), space, axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Space in blocks as large as the stride: what a tap sees is one phase of all blocks, moved by some.

    Attributes:
        block: Size of a block, the stride.
        channels: Number of channels of ``x``.
        sizes: Sizes of ``x``.
        places: Sizes of ``y``.
        blocks: Number of blocks that all taps together reach.
    """

    block: int
    channels: int
    sizes: tuple[int, int]
    places: tuple[int, int]
    blocks: tuple[int, int]

    @classmethod
    def of(cls, node: Node, window: Window) -> "_Grid | None":
        """Return the grid; None where sizes are unknown, or strides differ or leave something out."""
        x, y = node.input(0), node.output()
        if window.rank != _PLANE or len(set(window.strides)) > 1:
            return None
        known = [size_at(x, 1), *(size_at(value, axis) for value in (x, y) for axis in (2, 3))]
        if None in known:
            return None
        channels, *sizes = (size or 0 for size in known)
        block = window.strides[0]
        places = (sizes[2], sizes[3])
        if set(window.dilations) != {1} or min(window.kernel) < block:
            return None
        blocks = tuple(
            count + (extent - 1) // block for count, extent in zip(places, window.extent, strict=True)
        )
        return cls(
            block=block,
            channels=channels,
            sizes=(sizes[0], sizes[1]),
            places=places,
            blocks=(blocks[0], blocks[1]),
        )

    def padding(self, window: Window) -> list[int]:
        """Return the padding that makes ``x`` that many blocks; negative where ``x`` leaves a rest."""
        after = [
            count * self.block - before - size
            for count, before, size in zip(self.blocks, window.before, self.sizes, strict=True)
        ]
        return [0, 0, *window.before, 0, 0, *after]

    def place_of(self, offset: tuple[int, ...]) -> tuple[int, tuple[int, int]]:
        """Return the phase of a tap, and by how many blocks it is moved."""
        (row, column), block = offset, self.block
        return (row % block) * block + column % block, (row // block, column // block)


def _by_phases(node: Node, window: Window, grid: _Grid) -> Value:
    """Make phases channels, so that each tap is a plain part of them; put what they get back likewise."""
    op, x = node.op, node.input(0)
    wide = op.Pad(x, grid.padding(window), x.like(_LOWEST))
    deep = op.SpaceToDepth(wide, blocksize=grid.block) if grid.block > 1 else wide
    where = [grid.place_of(offset) for offset in offsets(window)]
    shares = _shares(node, [_seen(deep, grid, phase, moved) for phase, moved in where])
    phases: dict[int, list[Value]] = defaultdict(list)
    for share, (phase, moved) in zip(shares, where, strict=True):
        rest = [a - b - c for a, b, c in zip(grid.blocks, grid.places, moved, strict=True)]
        pads = [0, 0, *moved, 0, 0, *rest]
        phases[phase].append(op.Pad(share, pads) if any(pads) else share)
    sums = [op.call("Sum", *phases[phase]) for phase in sorted(phases)]
    spread = (
        op.DepthToSpace(op.call("Concat", *sums, axis=1), blocksize=grid.block) if grid.block > 1 else sums[0]
    )
    return op.Pad(spread, [-pad for pad in grid.padding(window)])


def _seen(deep: Value, grid: _Grid, phase: int, moved: tuple[int, int]) -> Value:
    starts = [phase * grid.channels, *moved]
    ends = [
        (phase + 1) * grid.channels,
        *(first + count for first, count in zip(moved, grid.places, strict=True)),
    ]
    return deep.tape.Slice(deep, starts, ends, [1, 2, 3])
