"""Gradients of operators that work on each element by itself; those on several inputs broadcast."""

from collections.abc import Sequence

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient


@gradient("Add", broadcasts=True)
def add(node: Node) -> Sequence[Thunk]:
    """``y = a + b; da = dy; db = dy``."""
    return lambda: node.dy, lambda: node.dy


@gradient("Sub", broadcasts=True)
def sub(node: Node) -> Sequence[Thunk]:
    """``y = a - b; da = dy; db = -dy``."""
    return lambda: node.dy, lambda: -node.dy


@gradient("Mul", broadcasts=True)
def mul(node: Node) -> Sequence[Thunk]:
    """``y = a b; da = dy b; db = dy a``."""
    a, b = node.input(0), node.input(1)
    return lambda: node.dy * b, lambda: node.dy * a


@gradient("Div", broadcasts=True)
def div(node: Node) -> Sequence[Thunk]:
    """``y = a / b; da = dy / b; db = -dy y / b``."""
    b = node.input(1)
    return lambda: node.dy / b, lambda: -(node.dy * node.output() / b)


@gradient("Neg")
def neg(node: Node) -> Thunk:
    """``dx = -dy``."""
    return lambda: -node.dy


@gradient("Identity")
def identity(node: Node) -> Thunk:
    """``dx = dy``."""
    return lambda: node.dy
