"""A model that ``pytest-energy train`` wrote infers what the training graph's forward computes."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from pytest_energy.cli.main import main
from pytest_energy.results.training import Training
from pytest_energy.runtime.step_cache import built_step

MODELS = Path(__file__).parents[3] / "models"
ROWS, BATCH = 24, 8
MOMENTUM, EPSILON = 0.75, 1e-3
NORMALISED = f"""\
<ir_version: 10, opset_import: ["" : 18]>
normalised (float[batch, 6] x) => (float[batch, 3] y)
{{
    h = MatMul (x, first)
    n = BatchNormalization <momentum = {MOMENTUM}, epsilon = {EPSILON}> (h, scale, shift, mean, variance)
    r = Relu (n)
    y = MatMul (r, second)
}}
"""


@pytest.fixture
def normalised(tmp_path):
    """A perceptron with a BatchNormalization whose running statistics fit no data."""
    model = onnx.parser.parse_model(NORMALISED)
    draw = np.random.default_rng(0).standard_normal
    weights = {
        "first": draw((6, 5)),
        "scale": np.ones(5),
        "shift": np.zeros(5),
        "mean": np.full(5, 7.0),
        "variance": np.full(5, 9.0),
        "second": draw((5, 3)),
    }
    for name, value in weights.items():
        model.graph.initializer.append(numpy_helper.from_array(value.astype(np.float32), name))
    onnx.save(model, tmp_path / "normalised.onnx")
    return tmp_path / "normalised.onnx"


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Train with the command, and return the written file."""
    monkeypatch.chdir(tmp_path)

    def run(model, rows, *options):
        np.savez("rows.npz", **rows)
        given = ("--inputs", "rows.npz", "--batch", str(BATCH), "--profile", "generic-cpu", *options)
        assert main(["train", str(model), "-o", "trained.onnx", *given]) == 0
        return tmp_path / "trained.onnx"

    return run


def initial(path):
    return {each.name: numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}


def inferred(path, feeds):
    (outputs,) = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, feeds)
    return outputs


def forward_of_step(path, rows, **recipe):
    """Return what the training step of a model computes before its loss, with the model's own weights."""
    built = built_step(path, Training(**recipe), "cpu")
    graph = onnx.load(built.graph)
    graph.graph.output.append(onnx.ValueInfoProto(name=built.description.output))
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    scalars = {name: np.float32(value) for name, value in built.description.hyperparameters.items()}
    with np.load(built.state) as states:
        given = dict(states) | {name: np.asarray(value) for name, value in scalars.items()}
    return session.run([built.description.output], given | rows)[0]


def labelled(**inputs):
    labels = np.random.default_rng(1).integers(0, 3, ROWS)
    return {**inputs, "labels": labels}


def test_the_network_of_convolutions_infers_what_its_training_step_computes(train):
    images = np.random.default_rng(0).random((ROWS, 1, 8, 8), np.float32)
    rows = labelled(image=images)
    trained = train(MODELS / "digits-cnn.onnx", rows, "--epochs", "2", "--optimizer", "momentum")
    logits = inferred(trained, {"image": images})
    np.testing.assert_allclose(forward_of_step(trained, rows), logits, rtol=1e-4, atol=1e-4)
    assert np.abs(logits - inferred(MODELS / "digits-cnn.onnx", {"image": images})).max() > 0.01


def test_running_statistics_are_those_of_the_batches(train, normalised):
    """With a learning rate of 0 weights stay, so that every batch's statistics are known."""
    x = np.random.default_rng(0).standard_normal((ROWS, 6)).astype(np.float32)
    trained = train(normalised, labelled(x=x), "--epochs", "1", "--learning-rate", "0")
    own = initial(normalised)
    mean, variance = own["mean"].astype(float), own["variance"].astype(float)
    for first in range(0, ROWS, BATCH):
        h = x[first : first + BATCH].astype(float) @ own["first"]
        mean = MOMENTUM * mean + (1 - MOMENTUM) * h.mean(axis=0)
        variance = MOMENTUM * variance + (1 - MOMENTUM) * h.var(axis=0)
    found = initial(trained)
    np.testing.assert_allclose(found["mean"], mean, rtol=1e-5)
    np.testing.assert_allclose(found["variance"], variance, rtol=1e-5)
    normal = np.maximum((x @ own["first"] - mean) / np.sqrt(variance + EPSILON), 0)
    np.testing.assert_allclose(inferred(trained, {"x": x}), normal @ own["second"], rtol=1e-4, atol=1e-5)


def test_a_normalised_model_infers_with_its_running_statistics_what_its_step_computes_with_them(
    train, normalised
):
    x = np.random.default_rng(0).standard_normal((ROWS, 6)).astype(np.float32)
    rows = labelled(x=x)
    trained = train(normalised, rows, "--epochs", "20", "--optimizer", "adamw", "--learning-rate", "0.01")
    before, after = initial(normalised), initial(trained)
    assert all(not np.array_equal(before[name], after[name]) for name in before)
    # Where scale and shift are frozen, a step normalises with the running statistics, as inference does.
    forward = forward_of_step(trained, rows, frozen=("scale", "shift"))
    np.testing.assert_allclose(inferred(trained, {"x": x}), forward, rtol=1e-4, atol=1e-5)
