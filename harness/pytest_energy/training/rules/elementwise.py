"""Gradients of arithmetic and of functions of each element by itself; what has several inputs broadcasts."""

import math
from collections.abc import Callable, Sequence

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient, without_gradient
from pytest_energy.training.tape import Value

without_gradient(
    "And", "Ceil", "Equal", "Floor", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual",
    "Not", "Or", "Round", "Sign", "Xor",
)  # fmt: skip


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


@gradient("Pow", broadcasts=True)
def power(node: Node) -> Sequence[Thunk]:
    """``y = a^b; da = dy b a^(b-1); db = dy y ln a``, the latter 0 where a is not positive."""
    op, a, b = node.op, node.input(0), node.input(1)
    exponent = node.constant(1)

    def da() -> Value:
        if exponent is not None and exponent.size == 1 and float(exponent.reshape(())) == 2.0:  # noqa: PLR2004
            return node.dy * (a * 2.0)
        real = b if b.dtype == a.dtype else op.Cast(b, to=a.dtype)
        return node.dy * (real * a ** (real - 1.0))

    def db() -> Value:
        is_positive = op.Greater(a, 0.0)
        log = op.Log(op.Where(is_positive, a, a.like(1.0)))
        return node.dy * (node.output() * log)

    return da, db


@gradient("Sum", broadcasts=True)
def total(node: Node) -> Sequence[Thunk]:
    """``y = a + b + ...; da = dy``."""
    return [lambda: node.dy for _ in node.x]


@gradient("Mean", broadcasts=True)
def mean(node: Node) -> Sequence[Thunk]:
    """``y = (a + b + ...) / n; da = dy / n``."""
    return [lambda: node.dy * (1.0 / len(node.x)) for _ in node.x]


@gradient("Max", "Min", broadcasts=True)
def extremum(node: Node) -> Sequence[Thunk]:
    """``da = dy [a = y] / ties``: inputs that are equally large share."""
    op, y = node.op, node.output()

    def share(value: Value) -> Value:
        return op.Cast(op.Equal(value, y), to=y.dtype)

    def by(value: Value) -> Thunk:
        return lambda: node.dy * share(value) / op.call("Sum", *map(share, inputs))

    inputs = [node.input(index) for index in range(len(node.x))]
    return [by(value) for value in inputs]


@gradient("Mod", broadcasts=True)
def modulo(node: Node) -> Sequence[Thunk]:
    """``y = a - b trunc(a / b); da = dy; db = -dy trunc(a / b)``, for numbers with a fraction."""
    op, a, b = node.op, node.input(0), node.input(1)
    return lambda: node.dy, lambda: -(node.dy * op.Round((a - node.output()) / b))


@gradient("Where", broadcasts=True)
def where(node: Node) -> Sequence[Thunk | None]:
    """``y = a where c else b; da = dy [c]; db = dy [not c]``."""
    op, condition = node.op, node.input(0)
    return (
        None,
        lambda: node.dy * op.Cast(condition, to=node.dy.dtype),
        lambda: node.dy * op.Cast(op.Not(condition), to=node.dy.dtype),
    )


@gradient("Clip")
def clip(node: Node) -> Thunk:
    """``dx = dy [low <= x <= high]``."""
    op, x, low, high = node.op, node.input(0), node.optional(1), node.optional(2)

    def dx() -> Value:
        inside = [op.GreaterOrEqual(x, low)] if low else []
        inside += [op.LessOrEqual(x, high)] if high else []
        if not inside:
            return node.dy
        mask = inside[0] if len(inside) == 1 else op.And(*inside)
        return node.dy * op.Cast(mask, to=x.dtype)

    return dx


@gradient("Cast", "CastLike")
def cast(node: Node) -> Thunk:
    """``dx = dy``, in the element type of ``x``."""
    return lambda: node.op.Cast(node.dy, to=node.input(0).dtype)


@gradient("Identity")
def identity(node: Node) -> Thunk:
    """``dx = dy``."""
    return lambda: node.dy


@gradient("Neg")
def neg(node: Node) -> Thunk:
    """``dx = -dy``."""
    return lambda: -node.dy


Derivative = Callable[[Node, Value, Value], Value]
"""The derivative of a function, given its argument ``x`` and its value ``y``."""

_TWO_BY_ROOT_PI = 2 / math.sqrt(math.pi)

FUNCTIONS: dict[str, Derivative] = {
    "Abs": lambda node, x, _: node.op.Sign(x),
    "Acos": lambda node, x, _: -1.0 / node.op.Sqrt(1.0 - x * x),
    "Acosh": lambda node, x, _: 1.0 / node.op.Sqrt(x * x - 1.0),
    "Asin": lambda node, x, _: 1.0 / node.op.Sqrt(1.0 - x * x),
    "Asinh": lambda node, x, _: 1.0 / node.op.Sqrt(x * x + 1.0),
    "Atan": lambda _, x, __: 1.0 / (x * x + 1.0),
    "Atanh": lambda _, x, __: 1.0 / (1.0 - x * x),
    "Cos": lambda node, x, _: -node.op.Sin(x),
    "Cosh": lambda node, x, _: node.op.Sinh(x),
    "Erf": lambda node, x, _: _TWO_BY_ROOT_PI * node.op.Exp(-(x * x)),
    "Exp": lambda _, __, y: y,
    "Log": lambda node, x, _: node.op.Reciprocal(x),
    "Reciprocal": lambda _, __, y: -(y * y),
    "Sigmoid": lambda _, __, y: y * (1.0 - y),
    "Sin": lambda node, x, _: node.op.Cos(x),
    "Sinh": lambda node, x, _: node.op.Cosh(x),
    "Softplus": lambda node, x, _: node.op.Sigmoid(x),
    "Softsign": lambda node, x, _: node.op.Reciprocal((node.op.Abs(x) + 1.0) * (node.op.Abs(x) + 1.0)),
    "Sqrt": lambda _, __, y: 0.5 / y,
    "Tan": lambda _, __, y: 1.0 + y * y,
    "Tanh": lambda _, __, y: 1.0 - y * y,
}
"""Functions of one number, ``y = f(x)``, by their derivative; ``dx = dy f'(x)``."""


@gradient(*FUNCTIONS)
def function(node: Node) -> Thunk:
    """``dx = dy f'(x)``."""
    derivative = FUNCTIONS[node.operator]
    return lambda: node.dy * derivative(node, node.input(0), node.output())
