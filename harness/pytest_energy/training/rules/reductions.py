"""Gradients of reductions: what was summed up gets its share back."""

from pytest_energy.training.node import Node
from pytest_energy.training.registry import Thunk, gradient, without_gradient
from pytest_energy.training.shapes import count_of, shape_of, size_at
from pytest_energy.training.tape import Value

without_gradient("ArgMax", "ArgMin", "TopK")


@gradient("ReduceSum")
def reduce_sum(node: Node) -> Thunk:
    """``y = sum(x); dx = dy`` for each."""
    return lambda: _spread(node, node.dy)


@gradient("ReduceMean")
def reduce_mean(node: Node) -> Thunk:
    """``y = sum(x) / n; dx = dy / n`` for each."""
    return lambda: _spread(node, _divided_by_count(node, node.dy))


@gradient("ReduceMax", "ReduceMin")
def reduce_extremum(node: Node) -> Thunk:
    """``dx = dy [x = y] / ties``: elements that are equally large share."""
    op, x = node.op, node.input(0)

    def dx() -> Value:
        is_extreme = op.Cast(op.Equal(x, _kept(node, node.output())), to=x.dtype)
        ties = op.ReduceSum(is_extreme, *_axes(node), keepdims=1)
        return is_extreme * (_kept(node, node.dy) / ties)

    return dx


@gradient("ReduceL1")
def reduce_l1(node: Node) -> Thunk:
    """``y = sum(|x|); dx = dy sign(x)``."""
    return lambda: _kept(node, node.dy) * node.op.Sign(node.input(0))


@gradient("ReduceL2")
def reduce_l2(node: Node) -> Thunk:
    """``y = sqrt(sum(x^2)); dx = dy x / y``."""
    return lambda: node.input(0) * _kept(node, node.dy / node.output())


@gradient("ReduceSumSquare")
def reduce_sum_square(node: Node) -> Thunk:
    """``y = sum(x^2); dx = 2 dy x``."""
    return lambda: node.input(0) * _kept(node, node.dy * 2.0)


@gradient("ReduceLogSum")
def reduce_log_sum(node: Node) -> Thunk:
    """``y = log(sum(x)); dx = dy / exp(y)`` for each."""
    return lambda: _spread(node, node.dy / node.op.Exp(node.output()))


@gradient("ReduceLogSumExp")
def reduce_log_sum_exp(node: Node) -> Thunk:
    """``y = log(sum(exp(x))); dx = dy exp(x - y)``."""
    return lambda: _kept(node, node.dy) * node.op.Exp(node.input(0) - _kept(node, node.output()))


@gradient("ReduceProd")
def reduce_prod(node: Node) -> Thunk:
    """``y = prod(x); dx = dy y / x``, for numbers other than 0."""
    return lambda: _kept(node, node.dy * node.output()) / node.input(0)


@gradient("LpNormalization")
def lp_normalization(node: Node) -> Thunk:
    """``y = x / n, n = sum(|x|^p)^(1/p); dx = (dy - u sum(dy y)) / n``, u being y, or sign(x) for p = 1."""
    op, x, y = node.op, node.input(0), node.output()
    axis, p = [node.attribute("axis", -1)], node.attribute("p", 2)

    def dx() -> Value:
        norm = op.call("ReduceL1" if p == 1 else "ReduceL2", x, axis, keepdims=1)
        slope = op.Sign(x) if p == 1 else y
        rest = node.dy - slope * op.ReduceSum(node.dy * y, axis, keepdims=1)
        return rest / op.Where(op.Equal(norm, 0.0), norm.like(1.0), norm)

    return dx


@gradient("GlobalLpPool")
def global_lp_pool(node: Node) -> Thunk:
    """``y = sum(|x|^p)^(1/p); dx = dy sign(x) (|x| / y)^(p-1)``."""
    op, x, power = node.op, node.input(0), node.attribute("p", 2) - 1.0
    return lambda: node.dy * op.Sign(x) * (op.Abs(x) / node.output()) ** power


@gradient("CumSum")
def cumulated(node: Node) -> Thunk:
    """``dx = cumsum(dy)``, from the other end."""
    backwards = 1 - node.attribute("reverse", 0)
    exclusive = node.attribute("exclusive", 0)
    return lambda: node.op.CumSum(node.dy, node.input(1), exclusive=exclusive, reverse=backwards)


def _axes(node: Node) -> list[Value]:
    """Return the input that holds the axes, if there is one."""
    axes = node.optional(1)
    return [] if axes is None else [axes]


def _reduces_nothing(node: Node) -> bool:
    axes = node.constant(1)
    is_empty = node.optional(1) is None or (axes is not None and axes.size == 0)
    return bool(node.attribute("noop_with_empty_axes", 0)) and is_empty


def _kept(node: Node, value: Value) -> Value:
    """Give a result of the reduction back the axes that it lost; each has size 1."""
    axes = node.optional(1)
    if node.attribute("keepdims", 1) or axes is None or _reduces_nothing(node):
        return value  # a scalar broadcasts as it is
    return node.op.Unsqueeze(value, axes)


def _spread(node: Node, value: Value) -> Value:
    """Repeat a result of the reduction over what was reduced."""
    if _reduces_nothing(node):
        return value
    return node.op.Expand(_kept(node, value), shape_of(node.input(0)))


def _divided_by_count(node: Node, value: Value) -> Value:
    x, y = node.input(0), node.output()
    axes = node.constant(1)
    sizes = [size_at(x, int(axis)) for axis in axes] if axes is not None else [None]
    if all(size is not None for size in sizes):
        count = 1
        for size in sizes:
            count *= size or 1
        return value * (1.0 / count)
    return value * (count_of(y, x.dtype) / count_of(x, x.dtype))
