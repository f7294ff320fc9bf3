"""Gradients of matrix products."""

from collections.abc import Sequence

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient
from pytest_energy.training.shapes import rank_of, reshaped_like, summed_to
from pytest_energy.training.tape import Shape, Value

_MATRIX = 2
_END = 2**63 - 1


@gradient("MatMul")
def matmul(node: Node) -> Sequence[Thunk]:
    """``Y = A B; dA = dY B^T; dB = A^T dY``, summed over what was broadcast."""
    op, a, b = node.op, node.input(0), node.input(1)
    ranks = rank_of(a, "MatMul"), rank_of(b, "MatMul")
    if ranks == (_MATRIX, _MATRIX):
        return lambda: op.Gemm(node.dy, b, transB=1), lambda: op.Gemm(a, node.dy, transA=1)
    if ranks[0] > _MATRIX and ranks[1] == _MATRIX:
        return (
            lambda: op.MatMul(node.dy, _swapped(b)),
            lambda: op.Gemm(_rows(a), _rows(node.dy), transA=1),  # the batch becomes rows of one product
        )
    return _batched(node, ranks)


def _batched(node: Node, ranks: tuple[int, int]) -> Sequence[Thunk]:
    """Differentiate a product with a batch of its own; vectors are given the axis that MatMul gives them."""
    op, a, b = node.op, node.input(0), node.input(1)
    rows, columns = (_with_axis(a, 0), _with_axis(b, 1)) if 1 in ranks else (a, b)
    added = [axis for axis, rank in zip((-2, -1), ranks, strict=True) if rank == 1]
    shape = node.output().shape
    batch = None if shape is None else shape[: len(shape) - _MATRIX + len(added)]

    def dy() -> Value:
        return op.Unsqueeze(node.dy, added) if added else node.dy

    def da() -> Value:
        return _summed(op.MatMul(dy(), _swapped(columns)), rows, batch, a)

    def db() -> Value:
        return _summed(op.MatMul(_swapped(rows), dy()), columns, batch, b)

    return da, db


@gradient("Gemm")
def gemm(node: Node) -> Sequence[Thunk | None]:
    """``Y = alpha A' B' + beta C; dA' = alpha dY B'^T; dB' = alpha A'^T dY; dC = beta dY``."""
    op, a, b, c = node.op, node.input(0), node.input(1), node.optional(2)
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    ta, tb = node.attribute("transA", 0), node.attribute("transB", 0)

    def da() -> Value:
        first, second = (b, node.dy) if ta else (node.dy, b)
        return op.Gemm(first, second, alpha=alpha, transA=int(ta and tb), transB=int(ta or not tb))

    def db() -> Value:
        first, second = (node.dy, a) if tb else (a, node.dy)
        return op.Gemm(first, second, alpha=alpha, transA=int(tb or not ta), transB=int(ta and tb))

    def dc() -> Value | None:
        scaled = node.dy if beta == 1.0 else node.dy * beta
        return None if c is None else summed_to(scaled, node.output(), c)

    return da, db, dc


def _swapped(value: Value) -> Value:
    """Transpose the last two axes."""
    rank = rank_of(value, "MatMul")
    return value.tape.Transpose(value, perm=[*range(rank - 2), rank - 1, rank - 2])


def _rows(value: Value) -> Value:
    """Make all axes but the last one axis."""
    op = value.tape
    if value.shape is not None and isinstance(value.shape[-1], int):
        return op.Reshape(value, [-1, value.shape[-1]])
    last = op.Slice(op.Shape(value), [-1], [_END])
    return op.Reshape(value, op.Concat(op.ints([-1]), last, axis=0))


def _with_axis(value: Value, axis: int) -> Value:
    """Make a vector a matrix; other tensors stay as they are."""
    if value.shape is None or len(value.shape) != 1:
        return value
    shape = (1, value.shape[0]) if axis == 0 else (value.shape[0], 1)
    made = value.tape.Unsqueeze(value, [axis])
    return Value(name=made.name, dtype=value.dtype, shape=shape, tape=value.tape)


def _summed(product: Value, matrix: Value, batch: Shape | None, to: Value) -> Value:
    """Sum a gradient over its batch up to a matrix, and give it the shape of the input that it is for."""
    shape = None if batch is None or matrix.shape is None else (*batch, *matrix.shape[-_MATRIX:])
    of = Value(name=product.name, dtype=product.dtype, shape=shape, tape=product.tape)
    summed = summed_to(product, of, matrix)
    return summed if matrix is to else reshaped_like(summed, to)
