"""Gradients of activation functions that have parameters, kinks or an axis."""

import math
from collections.abc import Sequence

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, TrainingForm, gradient, training_form, without_gradient
from pytest_energy.training.shapes import summed_to
from pytest_energy.training.tape import Value

without_gradient("Hardmax")

_SELU_ALPHA, _SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875
_ROOT_HALF, _DENSITY = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)
_GELU_SCALE, _GELU_CUBE = math.sqrt(2 / math.pi), 0.044715  # of its approximation by tanh


@gradient("Relu")
def relu(node: Node) -> Thunk:
    """``dx = dy [y > 0]``; multiplying by a cast mask is eight times as fast as Where with a scalar."""
    y = node.output()
    return lambda: node.dy * _where(y, above=0.0)


@gradient("LeakyRelu")
def leaky_relu(node: Node) -> Thunk:
    """``dx = dy (1 if x > 0 else alpha)``."""
    alpha = float(node.attribute("alpha", 0.01))
    return lambda: node.dy * (_where(node.input(0), above=0.0) * (1.0 - alpha) + alpha)


@gradient("ThresholdedRelu")
def thresholded_relu(node: Node) -> Thunk:
    """``dx = dy [x > alpha]``."""
    return lambda: node.dy * _where(node.input(0), above=node.attribute("alpha", 1.0))


@gradient("PRelu")
def prelu(node: Node) -> Sequence[Thunk]:
    """``y = x if x > 0 else s x; dx = dy (1 if x > 0 else s); ds = dy x [x <= 0]``."""
    op, x, slope = node.op, node.input(0), node.input(1)

    def dx() -> Value:
        positive = _where(x, above=0.0)
        return node.dy * (positive + (1.0 - positive) * slope)

    def ds() -> Value:
        return summed_to(node.dy * op.Min(x, x.like(0.0)), x, slope)

    return dx, ds


@gradient("Elu")
def elu(node: Node) -> Thunk:
    """``dx = dy (1 if x > 0 else y + alpha)``."""
    alpha, y = node.attribute("alpha", 1.0), node.output()
    return lambda: node.dy * _either(node.input(0), y.like(1.0), y + alpha)


@gradient("Selu")
def selu(node: Node) -> Thunk:
    """``dx = dy (gamma if x > 0 else y + gamma alpha)``."""
    alpha = float(node.attribute("alpha", _SELU_ALPHA))
    gamma = float(node.attribute("gamma", _SELU_GAMMA))
    y = node.output()
    return lambda: node.dy * _either(node.input(0), y.like(gamma), y + gamma * alpha)


@gradient("HardSigmoid")
def hard_sigmoid(node: Node) -> Thunk:
    """``y = clip(alpha x + beta, 0, 1); dx = alpha dy [0 < y < 1]``."""
    op, y, alpha = node.op, node.output(), float(node.attribute("alpha", 0.2))

    def dx() -> Value:
        inside = op.And(op.Greater(y, 0.0), op.Less(y, 1.0))
        return node.dy * (op.Cast(inside, to=y.dtype) * alpha)

    return dx


@gradient("HardSwish")
def hard_swish(node: Node) -> Thunk:
    """``y = x h, h = clip(x / 6 + 1/2, 0, 1); dx = dy (h + x/6 [0 < h < 1])``."""
    op, x = node.op, node.input(0)

    def dx() -> Value:
        h = op.HardSigmoid(x, alpha=1 / 6, beta=0.5)
        inside = op.Cast(op.And(op.Greater(h, 0.0), op.Less(h, 1.0)), to=x.dtype)
        return node.dy * (h + inside * (x * (1 / 6)))

    return dx


@gradient("Gelu")
def gelu(node: Node) -> Thunk:
    """``y = x P(x)``, P being the normal distribution; ``dx = dy (P(x) + x p(x))``, or by its tanh form."""
    if node.attribute("approximate", b"none") == b"tanh":
        return lambda: node.dy * _gelu_tanh_derivative(node.input(0))
    op, x = node.op, node.input(0)

    def dx() -> Value:
        cumulated = (op.Erf(x * _ROOT_HALF) + 1.0) * 0.5
        return node.dy * (cumulated + x * op.Exp(x * x * -0.5) * _DENSITY)

    return dx


def _gelu_tanh_derivative(x: Value) -> Value:
    square = x * x
    t: Value = x.tape.Tanh(x * (square * (_GELU_SCALE * _GELU_CUBE) + _GELU_SCALE))
    inner = square * (3 * _GELU_SCALE * _GELU_CUBE) + _GELU_SCALE
    return (t + 1.0) * 0.5 + x * (1.0 - t * t) * inner * 0.5


@gradient("Mish")
def mish(node: Node) -> Thunk:
    """``y = x t, t = tanh(softplus(x)); dx = dy (t + x (1 - t^2) sigmoid(x))``."""
    op, x = node.op, node.input(0)

    def dx() -> Value:
        t = op.Tanh(op.Softplus(x))
        return node.dy * (t + x * (1.0 - t * t) * op.Sigmoid(x))

    return dx


@gradient("Swish")
def swish(node: Node) -> Thunk:
    """``y = x s, s = sigmoid(alpha x); dx = dy (s + alpha y (1 - s))``."""
    op, alpha = node.op, float(node.attribute("alpha", 1.0))

    def dx() -> Value:
        s = op.Sigmoid(node.input(0) * alpha)
        return node.dy * (s + node.output() * (1.0 - s) * alpha)

    return dx


@gradient("Softmax")
def softmax(node: Node) -> Thunk:
    """``dx = y (dy - sum(dy y))`` along the axis."""
    op, y, axis = node.op, node.output(), node.attribute("axis", -1)
    return lambda: y * (node.dy - op.ReduceSum(node.dy * y, [axis], keepdims=1))


@gradient("LogSoftmax")
def log_softmax(node: Node) -> Thunk:
    """``dx = dy - exp(y) sum(dy)`` along the axis."""
    op, axis = node.op, node.attribute("axis", -1)
    return lambda: node.dy - op.Exp(node.output()) * op.ReduceSum(node.dy, [axis], keepdims=1)


@training_form("Dropout")
def dropout(node: Node, _: frozenset[str]) -> TrainingForm:
    """Drop nothing: what would be dropped is random, and a benchmark is to be repeatable."""
    return TrainingForm(outputs=[node.input(0)])


def _where(x: Value, above: float) -> Value:
    """Return 1 where a number is above another one, and 0 elsewhere."""
    return x.tape.Cast(x.tape.Greater(x, above), to=x.dtype)


def _either(x: Value, positive: Value, negative: Value) -> Value:
    return x.tape.Where(x.tape.Greater(x, 0.0), positive, negative)
