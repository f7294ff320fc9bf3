"""One direction of a recurrent layer: its weights, its states before each step, and which steps are real."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.node import Node
from pytest_energy.training.shapes import size_at, zeros_like
from pytest_energy.training.tape import Value

_X, _W, _R, _B, _LENGTHS, _H = range(6)
_MOST_WRITTEN_OUT = 128  # steps: longer sequences are scanned, lest the graph grow too large
_END = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What came of going back through one direction.

    Attributes:
        inner: Gradient by ``x W^T``, and by its bias once it is summed: ``[steps, batch, gates * hidden]``.
        recurrent: The same by ``h' R^T``.
        r: Gradient by R.
        states: Gradients by the initial states.
    """

    inner: Value
    recurrent: Value
    r: Value
    states: Sequence[Value]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Direction:
    """One direction of a recurrent node.

    Attributes:
        node: The node.
        index: Number of the direction.
        backwards: Whether it begins at the end of the sequence.
        x: The sequence, ``[steps, batch, inputs]``.
        dy: Gradient by the hidden states, 0 where a sequence has ended: ``[steps, batch, hidden]``.
        before: The hidden state before each step, of the same shape.
        mask: 1 where a step is real and 0 behind the end of a sequence, ``[steps, batch, 1]``; None where
            all are equally long.
        keep: 1 minus the mask.
        written_out: Number of steps that are recorded one by one; None where a scan is.
    """

    node: Node
    index: int
    backwards: bool
    x: Value
    dy: Value
    before: Value
    mask: Value | None
    keep: Value | None
    written_out: int | None

    def part(self, index: int) -> Value:
        """Return what an input has for this direction."""
        return _part(self.node.input(index), self.index, 0)

    def inner(self) -> Value:
        """``x W^T + b``, for all steps."""
        return self._biased(self.times(self.x, self.part(_W)), 0)

    def recurrent(self) -> Value:
        """``h' R^T + b``, for all steps."""
        return self._biased(self.times(self.before, self.part(_R)), 1)

    def recurrent_bias(self) -> Value:
        """Return the bias that belongs to R, or 0."""
        return self.x.like(0.0) if self.node.optional(_B) is None else self._bias(1)

    def times(self, value: Value, weight: Value) -> Value:
        """``value weight^T``."""
        op = self.node.op
        return op.MatMul(value, op.Transpose(weight, perm=[1, 0]))

    def by_weight(self, gradient: Value, value: Value) -> Value:
        """Return the gradient by a weight that ``value`` was multiplied with, summed over steps and batch."""
        op = self.node.op
        return op.Gemm(op.Flatten(gradient, axis=2), op.Flatten(value, axis=2), transA=1)

    def masked(self, value: Value) -> Value:
        """Return 0 behind the end of a sequence, and the value elsewhere."""
        return value if self.mask is None else value * self.mask

    def held(self, factor: Value) -> Value:
        """Return 1 behind the end of a sequence, where states stay as they are, and the factor elsewhere."""
        return factor if self.mask is None or self.keep is None else factor * self.mask + self.keep

    def initial(self, index: int) -> Value:
        """Return an initial state, ``[batch, hidden]``."""
        if self.node.optional(index) is not None:
            return self.part(index)
        return zeros_like(_step(self.before))

    def d_end(self, index: int) -> Value:
        """Return the gradient by a final state."""
        gradient = self.node.dys[index] if index < len(self.node.dys) else None
        return zeros_like(_step(self.before)) if gradient is None else _part(gradient, self.index, 0)

    def _biased(self, value: Value, half: int) -> Value:
        return value if self.node.optional(_B) is None else value + self._bias(half)

    def _bias(self, half: int) -> Value:
        return self.node.op.calls("Split", 2, self.part(_B), axis=0, num_outputs=2)[half]


def directions(node: Node) -> list[Direction]:
    """Return the directions of a recurrent node, one or two."""
    kinds = {b"forward": [False], b"reverse": [True], b"bidirectional": [False, True]}
    lengths = node.optional(_LENGTHS)
    real = None if lengths is None else _real(node.input(_X), lengths)
    return [
        _direction(node, index, real, lengths, backwards=backwards)
        for index, backwards in enumerate(kinds[node.attribute("direction", b"forward")])
    ]


def _direction(
    node: Node, index: int, real: Value | None, lengths: Value | None, *, backwards: bool
) -> Direction:
    y = _part(node.output(0), index, 1)
    dy = zeros_like(y) if node.dys[0] is None else _part(node.dys[0], index, 1)
    before = _before(node, y, index, lengths, backwards=backwards)
    return Direction(
        node=node,
        index=index,
        backwards=backwards,
        x=node.input(_X),
        dy=dy if real is None else dy * real,
        before=before,
        mask=real,
        keep=None if real is None else 1.0 - real,
        written_out=_written_out(node),
    )


def _written_out(node: Node) -> int | None:
    length = size_at(node.input(_X), 0)
    is_short = length is not None and length <= _MOST_WRITTEN_OUT
    return length if node.lowering is Lowering.PORTABLE and is_short else None


def _before(node: Node, y: Value, index: int, lengths: Value | None, *, backwards: bool) -> Value:
    """Return the hidden state before each step."""
    op, given = node.op, node.optional(_H)
    first = op.Unsqueeze(zeros_like(_step(y)) if given is None else _part(given, index, 0), [0])
    if not backwards:
        return op.Concat(first, op.Slice(y, [0], [-1], [0]), axis=0)
    before = op.Concat(op.Slice(y, [1], [_END], [0]), first, axis=0)
    if lengths is None or given is None:
        return before
    ends = op.Equal(_numbers(node.input(_X)) + 1.0, _as_row(lengths, y))
    return op.Where(ends, first, before)  # there a shorter sequence begins


def _real(x: Value, lengths: Value) -> Value:
    return x.tape.Cast(x.tape.Less(_numbers(x), _as_row(lengths, x)), to=x.dtype)


def _numbers(x: Value) -> Value:
    """Number the steps, ``[steps, 1, 1]``."""
    op = x.tape
    count = op.Gather(op.Shape(x), op.constant(np.int64(0)))
    numbers = op.Range(op.constant(np.int64(0)), count, op.constant(np.int64(1)))
    return op.Cast(op.Unsqueeze(numbers, [1, 2]), to=x.dtype)


def _as_row(lengths: Value, like: Value) -> Value:
    return like.tape.Cast(like.tape.Unsqueeze(lengths, [0, 2]), to=like.dtype)


def _part(value: Value, index: int, axis: int) -> Value:
    """Take one direction out of a tensor."""
    op = value.tape
    return op.Gather(value, op.constant(np.int64(index)), axis=axis)


def _step(y: Value) -> Value:
    """Return any one step."""
    return y.tape.Gather(y, y.tape.constant(np.int64(0)))
