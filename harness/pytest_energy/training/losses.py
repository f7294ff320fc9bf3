"""Losses: the mean over a batch, and its gradient by what the model puts out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from onnx import TensorProto, helper

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.shapes import count_of, rank_of, size_at
from pytest_energy.training.tape import Shape, Value

LABELS = "labels"
"""Name of the input that takes what the model should have put out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a loss wants as labels.

    Attributes:
        dtype: Element type, a ``TensorProto`` constant.
        shape: Their shape.
        classes: Exclusive upper bound of class indices; None for numbers.
    """

    dtype: int
    shape: Shape
    classes: int | None = None


class Loss(Protocol):
    """What a training step asks of a loss."""

    @property
    def strips(self) -> frozenset[str]:
        """Operators at the model's end that the loss contains itself."""

    def target(self, output: Value) -> Target:
        """Say what labels an output takes."""

    def record(self, output: Value, labels: Value, lowering: Lowering) -> tuple[Value, Value]:
        """Record the loss, a scalar, and its gradient by the output; return both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossEntropy:
    """Cross-entropy of logits against class indices, the classes on axis 1: ``-mean(log_softmax(x)[label])``.

    Attributes:
        axis: The axis of the classes; trailing axes of size 1 take no part in the labels.
    """

    axis: int = 1

    @property
    def strips(self) -> frozenset[str]:
        """The model's own softmax would be applied twice."""
        return frozenset({"Softmax", "LogSoftmax"})

    def target(self, output: Value) -> Target:
        """Return class indices, int64, of the output's shape without the axis of the classes."""
        shape = self._shape(output)
        axis = self._axis(output)
        classes = shape[axis]
        rest = (*shape[:axis], *shape[axis + 1 :])
        while len(rest) > 1 and rest[-1] == 1:
            rest = rest[:-1]
        count = classes if isinstance(classes, int) else None
        return Target(dtype=TensorProto.INT64, shape=rest, classes=count)

    def record(self, output: Value, labels: Value, lowering: Lowering) -> tuple[Value, Value]:
        """Record ``l = -mean(sum(onehot log_softmax(x)))`` and ``dx = (softmax(x) - onehot) / labels``."""
        op, axis = output.tape, self._axis(output)
        log_p = op.LogSoftmax(output, axis=axis)
        # Few accelerators compare long numbers.
        short = op.Cast(labels, to=TensorProto.INT32) if lowering is Lowering.PORTABLE else labels
        aligned = self._aligned(output, short)
        is_label = op.Equal(aligned, self._classes(output, aligned.dtype))
        if lowering is Lowering.PORTABLE:
            picked = op.Where(is_label, log_p, log_p.like(0.0))
        else:
            picked = op.GatherElements(log_p, aligned, axis=axis)
        count = count_of(labels, output.dtype)
        loss = op.Neg(op.ReduceSum(picked, keepdims=0)) / count
        return loss, (op.Exp(log_p) - op.Cast(is_label, to=output.dtype)) / count

    def _classes(self, output: Value, dtype: int) -> Value:
        """Return all indices of classes along the axis, a constant where their number is known."""
        op, axis = output.tape, self._axis(output)
        count, rank = size_at(output, axis), rank_of(output, "the loss")
        along = [-1 if each == axis else 1 for each in range(rank)]
        if count is not None:
            whole = np.arange(count, dtype=helper.tensor_dtype_to_np_dtype(dtype))
            return op.constant(whole.reshape(along))
        size = op.Squeeze(op.Gather(op.Shape(output), op.ints([axis])))
        indices = op.Range(op.constant(np.int64(0)), size, op.constant(np.int64(1)))
        return op.Cast(op.Reshape(indices, along), to=dtype)

    def _axis(self, output: Value) -> int:
        rank = rank_of(output, "the loss")
        return self.axis if rank > 1 else 0

    def _shape(self, output: Value) -> Shape:
        rank_of(output, "the loss")
        return output.shape or ()

    def _aligned(self, output: Value, labels: Value) -> Value:
        """Give the labels the output's shape with one class."""
        op, axis, shape = output.tape, self._axis(output), self._shape(output)
        trailing = len(shape) - 1 - len(self.target(output).shape)
        return op.Unsqueeze(labels, [axis, *range(len(shape) - trailing, len(shape))])


@dataclass(frozen=True, slots=True, kw_only=True)
class BinaryCrossEntropy:
    """Binary cross-entropy of logits: ``mean(max(x, 0) - x t + log(1 + exp(-|x|)))``."""

    @property
    def strips(self) -> frozenset[str]:
        """The model's own sigmoid would be applied twice."""
        return frozenset({"Sigmoid"})

    def target(self, output: Value) -> Target:
        """Return numbers from 0 to 1 of the output's shape."""
        rank_of(output, "the loss")
        return Target(dtype=output.dtype, shape=output.shape or (), classes=None)

    def record(self, output: Value, labels: Value, lowering: Lowering) -> tuple[Value, Value]:  # noqa: ARG002 - the same for all
        """Record the loss and ``dx = (sigmoid(x) - t) / size``."""
        op = output.tape
        count = count_of(output, output.dtype)
        terms = op.Relu(output) - output * labels + op.Log(op.Exp(-op.Abs(output)) + 1.0)
        return op.ReduceSum(terms, keepdims=0) / count, (op.Sigmoid(output) - labels) / count


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquaredError:
    """Mean squared error: ``mean((x - t)^2)``."""

    @property
    def strips(self) -> frozenset[str]:
        """Nothing."""
        return frozenset()

    def target(self, output: Value) -> Target:
        """Return numbers of the output's shape."""
        rank_of(output, "the loss")
        return Target(dtype=output.dtype, shape=output.shape or (), classes=None)

    def record(self, output: Value, labels: Value, lowering: Lowering) -> tuple[Value, Value]:  # noqa: ARG002 - the same for all
        """Record the loss and ``dx = 2 (x - t) / size``."""
        op = output.tape
        error = output - labels
        count = count_of(output, output.dtype)
        return op.ReduceSum(error * error, keepdims=0) / count, error * (2.0 / count)


LOSSES: Mapping[str, Loss] = {
    "cross-entropy": CrossEntropy(),
    "binary-cross-entropy": BinaryCrossEntropy(),
    "mse": MeanSquaredError(),
}
"""Every loss by the name that suites and the command line use."""
