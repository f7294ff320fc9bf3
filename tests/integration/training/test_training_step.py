"""Training steps of small models: they are valid, learn, and do what their recipe says."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from pytest_energy.training.optimizers import AdamW, Momentum, Sgd
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.training_step import training_step

FEATURES, HIDDEN, CLASSES, BATCH = 20, 32, 5, 8


@pytest.fixture
def mlp():
    """Two layers and a softmax, exported with a batch of 1 and an old operator set."""
    random = np.random.default_rng(0)
    shapes = {"w1": (FEATURES, HIDDEN), "b1": (HIDDEN,), "w2": (HIDDEN, CLASSES), "b2": (CLASSES,)}
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "w1", "b1"], ["h"]),
            helper.make_node("Relu", ["h"], ["a"]),
            helper.make_node("MatMul", ["a", "w2"], ["m"]),
            helper.make_node("Add", ["m", "b2"], ["z"]),
            helper.make_node("Softmax", ["z"], ["p"]),
        ],
        "mlp",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, FEATURES])],
        [helper.make_tensor_value_info("p", onnx.TensorProto.FLOAT, [1, CLASSES])],
        [
            numpy_helper.from_array(random.normal(0, 0.1, shape).astype(np.float32), name)
            for name, shape in shapes.items()
        ],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 11)])


@pytest.fixture
def batch():
    random = np.random.default_rng(1)
    return {"x": random.standard_normal((BATCH, FEATURES), np.float32)}, random.integers(0, CLASSES, BATCH)


@pytest.mark.parametrize(
    "optimizer", [Sgd(learning_rate=0.2), Momentum(learning_rate=0.1), AdamW(learning_rate=0.01)], ids=type
)
def test_it_learns_a_batch(mlp, batch, loop, optimizer):
    step = training_step(mlp, Recipe(optimizer=optimizer))
    onnx.checker.check_model(step.model, full_check=True)
    assert set(step.trained) == {"w1", "b1", "w2", "b2"}
    running = loop(step)
    losses = [running.take(*batch) for _ in range(40)]
    assert abs(losses[0] - np.log(CLASSES)) < 0.3
    assert losses[-1] < losses[0] / 5


def test_two_accumulated_halves_are_one_whole(mlp, batch, loop):
    feeds, labels = batch
    whole = loop(training_step(mlp, Recipe(optimizer=Momentum())))
    halves = loop(training_step(mlp, Recipe(optimizer=Momentum(), accumulate=2)))
    for _ in range(3):
        whole.take(feeds, labels)
        for half in (slice(0, BATCH // 2), slice(BATCH // 2, BATCH)):
            halves.take({"x": feeds["x"][half]}, labels[half], apply_update=np.asarray(half.start > 0))
    for name in ("w1", "b1", "w2", "b2", "w1.velocity"):
        np.testing.assert_allclose(halves.states[name], whole.states[name], rtol=1e-4, atol=1e-6)


def test_clipping_limits_the_norm_of_the_update(mlp, batch, loop):
    running = loop(training_step(mlp, Recipe(optimizer=Sgd(learning_rate=1.0), clip_norm=0.1)))
    before = dict(running.states)
    running.take(*batch)
    moved = [running.states[name] - before[name] for name in ("w1", "b1", "w2", "b2")]
    assert np.sqrt(sum(float((each**2).sum()) for each in moved)) == pytest.approx(0.1, rel=1e-3)


def test_frozen_parameters_are_constants(mlp):
    step = training_step(mlp, Recipe(frozen=("*1",)))
    assert set(step.trained) == {"w2", "b2"}
    assert {"w1", "b1"} <= {tensor.name for tensor in step.model.graph.initializer}
