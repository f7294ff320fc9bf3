"""Shapes of gradients: sums over what was broadcast, with sizes that are known and sizes that are not."""

import math

import numpy as np
from onnx import TensorProto, helper

from pytest_energy.errors import ModelError
from pytest_energy.training.tape import Shape, Tape, Value

_ONE = helper.make_tensor("one", TensorProto.INT64, [1], [1])


def summed_to(gradient: Value, of: Value, to: Value) -> Value:
    """Sum a gradient that is shaped like ``of`` up to the shape of ``to``, which was broadcast.

    Args:
        gradient: Shaped like ``of``.
        of: The output of the operator that broadcasts.
        to: The input that was broadcast.
    """
    if of.shape is None or to.shape is None:
        return _summed_when_run(gradient, to)
    axes = _summed_axes(of.shape, to.shape)
    if axes is None:
        return _summed_when_run(gradient, to)
    if not axes:
        return gradient
    op, leading = gradient.tape, len(of.shape) - len(to.shape)
    if axes == list(range(leading)):
        return op.ReduceSum(gradient, axes, keepdims=0)
    summed = op.ReduceSum(gradient, axes, keepdims=1)
    return op.Squeeze(summed, list(range(leading))) if leading else summed


def _summed_axes(of: Shape, to: Shape) -> list[int] | None:
    """Return the axes that were broadcast; None where that cannot be told from the shapes."""
    leading = len(of) - len(to)
    axes = list(range(leading))
    for axis, (size, own) in enumerate(zip(of[leading:], to, strict=True), start=leading):
        if own == 1:
            axes += [axis] if size != 1 else []
        elif own is None or own != size:
            if isinstance(own, int):  # a size other than 1 is never broadcast
                continue
            return None
    return axes


def _summed_when_run(gradient: Value, to: Value) -> Value:
    """Sum over every axis on which the input has size 1; which these are is found out when it runs."""
    op = gradient.tape
    shape, rank = op.Shape(to), op.Shape(op.Shape(gradient))
    ones = op.ConstantOfShape(rank - op.Shape(shape), value=_ONE)
    padded = op.Concat(ones, shape, axis=0)
    axes = op.Reshape(op.NonZero(op.Equal(padded, op.ints([1]))), [-1])
    return op.Reshape(op.ReduceSum(gradient, axes, keepdims=1, noop_with_empty_axes=1), shape)


def shape_of(value: Value) -> Value:
    """Return the shape of a value as an int64 vector, a constant where it is known."""
    if value.shape is not None and all(isinstance(size, int) for size in value.shape):
        return value.tape.ints([int(size) for size in value.shape if isinstance(size, int)])
    return value.tape.Shape(value)


def count_of(value: Value, dtype: int) -> Value:
    """Return the number of elements, a constant where the shape is known, as a scalar of this element type.

    It is not ``Size``, which ONNX Runtime leaves to the CPU even where the shape is known when a session is
    made; the product of a known shape vanishes then.
    """
    op = value.tape
    if value.shape is not None and all(isinstance(size, int) for size in value.shape):
        sizes = [size for size in value.shape if isinstance(size, int)]
        return op.constant(np.asarray(math.prod(sizes), helper.tensor_dtype_to_np_dtype(dtype)))
    count = op.ReduceProd(op.Shape(value), keepdims=0)
    return count if dtype == TensorProto.INT64 else op.Cast(count, to=dtype)


def reshaped_like(value: Value, model: Value) -> Value:
    """Reshape to the shape of another value, with at most one size found when it runs."""
    unknown = [size for size in model.shape or (None, None) if not isinstance(size, int)]
    if model.shape is not None and len(unknown) <= 1 and 0 not in model.shape:
        return value.tape.Reshape(value, [size if isinstance(size, int) else -1 for size in model.shape])
    return value.tape.Reshape(value, value.tape.Shape(model))


def size_at(value: Value, axis: int) -> int | None:
    """Return a size if it is known."""
    size = None if value.shape is None else value.shape[axis]
    return size if isinstance(size, int) else None


def rank_of(value: Value, needed_by: str) -> int:
    """Return the rank of a value.

    Raises:
        ModelError: Shape inference could not tell it.
    """
    if value.shape is None:
        raise ModelError(
            f"The rank of {value.name!r} is unknown, which the gradient of {needed_by} needs. Export the "
            "model with fixed shapes, or run shape inference that knows its operators first."
        )
    return len(value.shape)


def zeros_like(value: Value) -> Value:
    """Return zeros of the shape and element type of a value."""
    op: Tape = value.tape
    return op.ConstantOfShape(shape_of(value), value=helper.make_tensor("zero", value.dtype, [1], [0]))
