"""Constants inside branches are trained, and go back into the model."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.training.losses import LOSSES
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.trained_model import trained_model
from pytest_energy.training.training_step import training_step


def branch(name, factor):
    """Both branches call their weight by one name."""
    weight = numpy_helper.from_array(np.full((3, 2), factor, np.float32), "weight")
    end = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2])
    nodes = [
        helper.make_node("Constant", [], ["half"], value=numpy_helper.from_array(weight_half())),
        helper.make_node("MatMul", ["x", "weight"], [f"{name}/product"]),
        helper.make_node("Add", [f"{name}/product", "half"], [name]),
    ]
    return helper.make_graph(nodes, name, [], [end], [weight])


def weight_half():
    return np.array([0.5, -0.5], np.float32)


@pytest.fixture
def model():
    branches = {"then_branch": branch("yes", 1), "else_branch": branch("no", 2)}
    graph = helper.make_graph(
        [helper.make_node("If", ["which"], ["y"], **branches)],
        "choice",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3]),
            helper.make_tensor_value_info("which", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])


def test_only_the_branch_that_ran_learns(model, loop):
    running = loop(training_step(model, Recipe(loss=LOSSES["mse"])))
    feeds = {"x": np.ones((4, 3), np.float32), "which": np.asarray(True)}
    labels = np.zeros((4, 2), np.float32)
    first = running.take(feeds, labels)
    assert running.take(feeds, labels) < first
    before = {state.input: state.initial for state in running.step.states}
    changed = {name for name, value in running.states.items() if not np.array_equal(value, before[name])}
    assert changed == {"y/then_branch/weight", "y/then_branch/half"}


def test_what_was_trained_goes_back(model):
    values = {"y/else_branch/weight": np.zeros((3, 2), np.float32)}
    session = onnxruntime.InferenceSession(trained_model(model, values).SerializeToString())
    x = np.ones((1, 3), np.float32)
    ((no,),) = session.run(None, {"x": x, "which": np.asarray(False)})
    ((yes,),) = session.run(None, {"x": x, "which": np.asarray(True)})
    np.testing.assert_array_equal(no, weight_half())
    np.testing.assert_array_equal(yes, 3 + weight_half())
