"""Training steps of small models: they are valid, learn, and do what their recipe says."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from pytest_energy.training.losses import LOSSES
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.optimizers import AdamW, Momentum, Sgd
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.trained_model import trained_model
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


def inferred(model, feeds):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    (output,) = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, feeds)
    return output


def test_the_trained_model_infers_what_the_step_computes(mlp, loop):
    random = np.random.default_rng(2)
    feeds, labels = {"x": random.standard_normal((1, FEATURES), np.float32)}, np.array([3])
    running = loop(training_step(mlp, Recipe(optimizer=AdamW())))
    for _ in range(5):
        running.take(feeds, labels)
    values = {state.of: running.states[state.input] for state in running.step.states if state.of}
    probabilities = inferred(trained_model(mlp, values), feeds)
    assert running.take(feeds, labels) == pytest.approx(-np.log(probabilities[0, 3]), rel=1e-5)


@pytest.mark.parametrize("size", [1, 3, 16])
def test_a_batch_exported_as_1_takes_any_size(mlp, loop, size):
    random = np.random.default_rng(3)
    step = training_step(mlp, Recipe())
    assert step.target.shape == ("batch",)
    loss = loop(step).take(
        {"x": random.standard_normal((size, FEATURES), np.float32)}, np.zeros(size, np.int64)
    )
    assert np.isfinite(loss)


def test_lowerings_agree(convolutions, loop):
    images, labels = (
        np.random.default_rng(4).standard_normal((4, 3, 8, 8), np.float32),
        np.array([0, 1, 2, 0]),
    )
    loops = [loop(training_step(convolutions, Recipe(lowering=lowering))) for lowering in Lowering]
    for _ in range(3):
        first, second = (each.take({"x": images}, labels) for each in loops)
        assert first == pytest.approx(second, rel=1e-5)
    for name, value in loops[0].states.items():
        np.testing.assert_allclose(value, loops[1].states[name], rtol=1e-4, atol=1e-6)


@pytest.fixture
def convolutions():
    """Two normalised convolutions whose scales, shifts and statistics the exporter has merged."""
    random = np.random.default_rng(5)
    norm = ["ones", "zeros", "zeros", "ones"]
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w1"], ["a"], pads=[1, 1, 1, 1]),
            helper.make_node("BatchNormalization", ["a", *norm], ["b"]),
            helper.make_node("Relu", ["b"], ["c"]),
            helper.make_node("MaxPool", ["c"], ["d"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
            helper.make_node("Conv", ["d", "w2"], ["e"]),
            helper.make_node("BatchNormalization", ["e", *norm], ["f"]),
            helper.make_node("GlobalAveragePool", ["f"], ["y"]),
        ],
        "convolutions",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [None, 3, 8, 8])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None, 6, 1, 1])],
        [
            numpy_helper.from_array(random.standard_normal((6, 3, 3, 3), np.float32), "w1"),
            numpy_helper.from_array(random.standard_normal((6, 6, 3, 3), np.float32), "w2"),
            numpy_helper.from_array(np.ones(6, np.float32), "ones"),
            numpy_helper.from_array(np.zeros(6, np.float32), "zeros"),
        ],
    )
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])


def test_merged_vectors_train_apart(convolutions, loop):
    step = training_step(convolutions, Recipe(optimizer=Sgd(learning_rate=0.5)))
    assert len(step.copies) == 6
    assert any("merged" in note for note in step.notes)
    running = loop(step)
    running.take(
        {"x": np.random.default_rng(6).standard_normal((4, 3, 8, 8), np.float32)}, np.array([0, 1, 2, 0])
    )
    values = {state.of: running.states[state.input] for state in step.states if state.of}
    assert len({value.tobytes() for value in values.values()}) == len(values) == 10
    trained = trained_model(convolutions, values, step.copies)
    onnx.checker.check_model(trained, full_check=True)
    assert np.isfinite(inferred(trained, {"x": np.ones((1, 3, 8, 8), np.float32)})).all()


def test_running_statistics_follow_the_batch(convolutions, loop):
    step = training_step(convolutions, Recipe(optimizer=Sgd(learning_rate=0.0)))
    images = np.random.default_rng(7).standard_normal((16, 3, 8, 8), np.float32)
    running = loop(step)
    for _ in range(2):
        running.take({"x": images}, np.zeros(16, np.int64))
    weight = onnx.numpy_helper.to_array(convolutions.graph.initializer[0])
    wide = np.pad(images, [(0, 0), (0, 0), (1, 1), (1, 1)])
    seen = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), axis=(2, 3))
    first = np.einsum("nchwij,ocij->nohw", seen, weight)
    means = [
        state for state in step.states if state.of and state.of.startswith("zeros") and "/b/" in state.of
    ]
    expected = (1 - 0.9**2) * first.mean(axis=(0, 2, 3))
    np.testing.assert_allclose(running.states[means[-1].input], expected, rtol=1e-3, atol=1e-6)


def test_a_frozen_normalisation_keeps_its_statistics(convolutions):
    step = training_step(convolutions, Recipe(frozen=("ones*", "zeros*")))
    assert set(step.trained) == {"w1", "w2"}
    assert {state.of for state in step.states} == {"w1", "w2"}


def test_tied_parameters_train_as_one(loop):
    """An embedding that is the last layer as well, as language models have it."""
    table = np.random.default_rng(8).standard_normal((7, 4), np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "tokens"], ["a"]),
            helper.make_node("Transpose", ["table"], ["t"]),
            helper.make_node("MatMul", ["a", "t"], ["y"]),
        ],
        "tied",
        [helper.make_tensor_value_info("tokens", onnx.TensorProto.INT64, ["n"])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 7])],
        [numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])
    step = training_step(model, Recipe(optimizer=Sgd(learning_rate=1.0)))
    assert any("trained as one tensor: table" in note for note in step.notes)
    tokens, labels = np.array([1, 1, 3]), np.array([0, 2, 5])
    running = loop(step)
    running.take({"tokens": tokens}, labels)
    logits = table[tokens] @ table.T
    soft = np.exp(logits - logits.max(axis=1, keepdims=True))
    error = (soft / soft.sum(axis=1, keepdims=True) - np.eye(7)[labels]) / len(labels)
    expected = error.T @ table[tokens]
    np.add.at(expected, tokens, error @ table)
    np.testing.assert_allclose(table - running.states["table"], expected, rtol=1e-4, atol=1e-6)


def test_the_loss_of_numbers(loop):
    """Binary cross-entropy strips the sigmoid and takes numbers from 0 to 1."""
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["x", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["y"])],
        "logistic",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(np.ones((4, 2), np.float32), "w")],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])
    step = training_step(model, Recipe(loss=LOSSES["binary-cross-entropy"]))
    assert step.output == "z"
    x = np.random.default_rng(9).standard_normal((5, 4), np.float32)
    labels = np.random.default_rng(10).random((5, 2), np.float32)
    p = 1 / (1 + np.exp(-x.sum(axis=1, keepdims=True)))
    expected = -(labels * np.log(p) + (1 - labels) * np.log(1 - p)).mean()
    assert loop(step).take({"x": x}, labels) == pytest.approx(expected, rel=1e-5)


def test_a_sequence_of_parts_becomes_a_split(loop):
    """PyTorch exports chunks as a sequence, from which each part is picked."""
    weight = np.random.default_rng(11).standard_normal((4, 6), np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["h"]),
            helper.make_node("SplitToSequence", ["h", "three"], ["parts"], axis=1),
            helper.make_node("SequenceAt", ["parts", "first"], ["a"]),
            helper.make_node("SequenceAt", ["parts", "second"], ["b"]),
            helper.make_node("Mul", ["a", "b"], ["y"]),
        ],
        "chunks",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 3])],
        [
            numpy_helper.from_array(weight, "w"),
            numpy_helper.from_array(np.int64(3), "three"),
            numpy_helper.from_array(np.int64(0), "first"),
            numpy_helper.from_array(np.int64(1), "second"),
        ],
    )
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])
    x = np.random.default_rng(12).standard_normal((5, 4), np.float32)
    running = loop(training_step(model, Recipe(loss=LOSSES["mse"], optimizer=Sgd(learning_rate=1.0))))
    running.take({"x": x}, np.zeros((5, 3), np.float32))
    a, b = np.split(x @ weight, 2, axis=1)
    error = 2 * a * b / 15
    expected = x.T @ np.concatenate([error * b, error * a], axis=1)
    np.testing.assert_allclose(weight - running.states["w"], expected, rtol=1e-3, atol=1e-5)
