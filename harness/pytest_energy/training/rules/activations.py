"""Gradients of activation functions."""

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient


@gradient("Relu")
def relu(node: Node) -> Thunk:
    """``dx = dy [y > 0]``; multiplying by a cast mask is eight times as fast as Where with a scalar."""
    op, y = node.op, node.output()
    return lambda: node.dy * op.Cast(op.Greater(y, 0.0), to=y.dtype)


@gradient("Sigmoid")
def sigmoid(node: Node) -> Thunk:
    """``dx = dy y (1 - y)``."""
    y = node.output()
    return lambda: node.dy * (y * (1.0 - y))


@gradient("Tanh")
def tanh(node: Node) -> Thunk:
    """``dx = dy (1 - y^2)``."""
    y = node.output()
    return lambda: node.dy * (1.0 - y * y)
