"""Cases of If."""

import numpy as np
from onnx import TensorProto, helper

from pytest_energy.training.gradient_check import Case

normal = np.random.default_rng(11).standard_normal


def graph(name, *nodes):
    end = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.DOUBLE, None)
    return helper.make_graph(nodes, name, [], [end])


def then_branch():
    """Uses both tensors, one of them twice."""
    product = helper.make_node("MatMul", ["x1", "x2"], ["a"])
    return graph("then", product, helper.make_node("Mul", ["a", "x1"], ["b"]))


def else_branch(*inner):
    """Does not use the second tensor."""
    return graph("else", *inner, helper.make_node("Tanh", ["x1"], ["a"]))


def conditional(condition, **branches):
    given = {"then_branch": then_branch(), "else_branch": else_branch(), **branches}
    return Case(
        operator="If",
        inputs=(np.array(condition), normal((3, 3)), normal((3, 3))),
        around=2,
        attributes=given,
    )


def nested():
    """Has another If in its first branch, on the same condition."""
    inner = {"then_branch": then_branch(), "else_branch": else_branch()}
    chosen = helper.make_node("If", ["x0"], ["c"], **inner)
    return graph("nested", chosen, helper.make_node("Sin", ["c"], ["d"]))


CASES = {
    "If": conditional(condition=True),
    "If not": conditional(condition=False),
    "If within If": conditional(condition=True, then_branch=nested()),
}
