"""Operators without a rule are all named at once, also those in the graphs inside nodes."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import NoGradient
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.training_step import training_step

OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("com.example", 1)]


def tensor(name, *shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model_of(*nodes, inputs=()):
    """Return a model with a weight ``w``, whose output is ``y``."""
    graph = helper.make_graph(
        nodes,
        "odd",
        [tensor("x", 3, 3), *inputs],
        [tensor("y", 3, 3)],
        [
            numpy_helper.from_array(np.ones((3, 3), np.float32), "w"),
            numpy_helper.from_array(np.asarray(4), "rounds"),
            numpy_helper.from_array(np.asarray(True), "true"),
        ],
    )
    return helper.make_model(graph, opset_imports=OPSETS, ir_version=8)


def mystery(kind, source, end, name=""):
    return helper.make_node(kind, [source], [end], name, domain="com.example")


def condition(*nodes, end, name="", source="which"):
    """Return an If, one branch of which are these nodes; the other one is an Identity."""
    branches = {
        "then_branch": helper.make_graph(nodes, "then", [], [tensor(nodes[-1].output[0], 3, 3)]),
        "else_branch": helper.make_graph(
            [helper.make_node("Identity", ["a"], [f"{end}_otherwise"])],
            "else",
            [],
            [tensor(f"{end}_otherwise", 3, 3)],
        ),
    }
    return helper.make_node("If", [source], [end], name, **branches)


def refusal(model):
    with pytest.raises(NoGradient) as caught:
        training_step(model, Recipe())
    return str(caught.value)


MULTIPLIED = helper.make_node("Mul", ["x", "w"], ["a"])
WHICH = tensor("which", kind=TensorProto.BOOL)


def test_those_in_branches_are_named_with_those_around_them():
    inner = condition(mystery("Deep", "a", "deep", "sunk"), end="i", name="second")
    outer = condition(mystery("Odd", "a", "odd", "it"), inner, end="b", name="first")
    said = refusal(model_of(MULTIPLIED, outer, mystery("Plain", "b", "y", "end"), inputs=[WHICH]))
    assert "com.example.Plain (at 'end')" in said
    assert "com.example.Odd (at 'it' in the then_branch of If 'first')" in said
    deep = "com.example.Deep (at 'sunk' in the then_branch of If 'second' in the then_branch of If 'first')"
    assert deep in said


def test_each_is_named_once():
    branch = condition(mystery("Odd", "a", "odd"), end="b")
    said = refusal(model_of(MULTIPLIED, branch, mystery("Odd", "b", "y", "end"), inputs=[WHICH]))
    assert said.count("com.example.Odd") == 1


def test_what_no_gradient_goes_to_may_lack_a_rule():
    branch = condition(mystery("Odd", "x", "odd"), end="b")
    assert "com.example.Odd" not in refusal(
        model_of(MULTIPLIED, branch, mystery("Plain", "b", "y"), inputs=[WHICH])
    )


def test_a_loop_is_named_with_what_its_body_lacks_also_for_what_comes_around():
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            mystery("Late", "second", "third", "late"),
            helper.make_node("Identity", ["first"], ["second_next"]),
            helper.make_node("Add", ["first", "third"], ["first_next"]),
        ],
        "body",
        [
            tensor("round", kind=TensorProto.INT64),
            tensor("go", kind=TensorProto.BOOL),
            tensor("first", 3, 3),
            tensor("second", 3, 3),
        ],
        [tensor("go_on", kind=TensorProto.BOOL), tensor("first_next", 3, 3), tensor("second_next", 3, 3)],
    )
    loop = helper.make_node("Loop", ["rounds", "true", "a", "x"], ["y", "rest"], "around", body=body)
    said = refusal(model_of(MULTIPLIED, loop))
    assert "Loop (at 'around')" in said
    assert "com.example.Late (at 'late' in the body of Loop 'around')" in said


def test_the_body_of_a_scan_is_looked_into():
    body = helper.make_graph(
        [helper.make_node("Identity", ["state"], ["kept"]), mystery("Odd", "row", "made", "odd")],
        "body",
        [tensor("state", 3), tensor("row", 3)],
        [tensor("kept", 3), tensor("made", 3)],
    )
    begin = helper.make_node("ReduceSum", ["x", "axis"], ["begin"], keepdims=0)
    axis = helper.make_node("Constant", [], ["axis"], value_ints=[0])
    scan = helper.make_node("Scan", ["begin", "a"], ["last", "y"], "rows", body=body, num_scan_inputs=1)
    said = refusal(model_of(MULTIPLIED, axis, begin, scan))
    assert "Scan (at 'rows')" in said
    assert "com.example.Odd (at 'odd' in the body of Scan 'rows')" in said


def test_a_function_inside_a_branch_that_cannot_be_expanded_is_named_and_those_around_are_expanded():
    branch = condition(helper.make_node("Celu", ["a"], ["smooth"], "inner"), end="b", name="choice")
    after = helper.make_node("HardSwish", ["b"], ["y"], "outer")
    said = refusal(model_of(MULTIPLIED, branch, after, inputs=[WHICH]))
    assert "no gradient rule for Celu (at 'inner' in the then_branch of If 'choice'). A rule" in said
