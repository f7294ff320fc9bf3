"""Attention becomes products, a mask and a softmax, which have gradients."""

import math

import numpy as np
from onnx import TensorProto

from pytest_energy.errors import NoGradient
from pytest_energy.training.node import Node
from pytest_energy.training.registry import TrainingForm, training_form
from pytest_energy.training.shapes import rank_of, size_at
from pytest_energy.training.tape import Value

_MASK, _PAST = 3, 4
_FLAT = 3  # the rank of (batch, length, heads * width)


@training_form("Attention")
def attention(node: Node, _: frozenset[str]) -> TrainingForm:
    """``Y = softmax(scale Q K^T + mask) V``, for each head; groups of heads may share keys and values."""
    if any(value is not None for value in (*node.x[_PAST:], *node.y[1:])) or node.attribute("softcap", 0.0):
        raise NoGradient(
            f"Attention {node.name!r} keeps keys and values from step to step, or caps its scores, which has "
            "no gradient here. Export the model without a cache."
        )
    op = node.op
    heads, groups = _heads(node, 0), _heads(node, 1)
    query, key, value = (
        _by_head(node.input(index), count) for index, count in enumerate((heads, groups, groups))
    )
    if heads != groups:
        key, value = (_repeated(node, each, index, heads) for index, each in ((1, key), (2, value)))
    scale = node.attribute("scale") or 1 / math.sqrt(_width(node, 0))
    scores = op.MatMul(query * float(scale), op.Transpose(key, perm=[0, 1, 3, 2]))
    y = op.MatMul(_shares(node, scores), value)
    if rank_of(node.input(0), "Attention") == _FLAT:
        y = op.Reshape(op.Transpose(y, perm=[0, 2, 1, 3]), [0, 0, -1])
    return TrainingForm(outputs=[y])


def _heads(node: Node, index: int) -> int:
    """Return the number of heads of an input."""
    x = node.input(index)
    is_flat = rank_of(x, "Attention") == _FLAT
    count = node.attribute("q_num_heads" if index == 0 else "kv_num_heads") if is_flat else size_at(x, 1)
    if count is None:
        raise NoGradient(
            f"Attention {node.name!r} has an unknown number of heads. Export it with a fixed one."
        )
    return int(count)


def _width(node: Node, index: int) -> int:
    """Return the width of one head of an input."""
    x = node.input(index)
    size = size_at(x, -1)
    if size is None:
        raise NoGradient(f"The width of Attention {node.name!r} is unknown. Export it with a fixed one.")
    return size // _heads(node, index) if rank_of(x, "Attention") == _FLAT else size


def _by_head(x: Value, heads: int) -> Value:
    """Return ``(batch, heads, length, width)``."""
    if rank_of(x, "Attention") != _FLAT:
        return x
    op = x.tape
    return op.Transpose(op.Reshape(x, [0, 0, heads, -1]), perm=[0, 2, 1, 3])


def _repeated(node: Node, x: Value, index: int, heads: int) -> Value:
    """Give every head of a group the keys or values that they share."""
    op = node.op
    wide = op.Expand(op.Unsqueeze(x, [2]), [1, 1, heads // _heads(node, index), 1, 1])
    return op.Reshape(wide, [0, heads, -1, _width(node, index)])


def _shares(node: Node, scores: Value) -> Value:
    """Return the softmax of the scores, 0 for what must not be seen."""
    op, mask = node.op, node.optional(_MASK)
    allowed = [] if mask is None or mask.dtype != TensorProto.BOOL else [mask]
    if mask is not None and not allowed:
        scores = scores + mask
    if node.attribute("is_causal", 0):
        allowed.append(op.GreaterOrEqual(_positions(node, 0, 1), _positions(node, 1, 0)))
    if not allowed:
        return op.Softmax(scores, axis=-1)
    seen = allowed[0] if len(allowed) == 1 else op.And(*allowed)
    shares = op.Softmax(op.Where(seen, scores, scores.like(-np.inf)), axis=-1)
    return op.Where(seen, shares, scores.like(0.0))


def _positions(node: Node, index: int, axis: int) -> Value:
    """Number the queries or keys, as a row or a column."""
    op, x = node.op, node.input(index)
    length = op.Gather(op.Shape(x), op.constant(np.int64(-2 if rank_of(x, "Attention") != _FLAT else 1)))
    numbers = op.Range(op.constant(np.int64(0)), length, op.constant(np.int64(1)))
    return op.Unsqueeze(numbers, [axis])
