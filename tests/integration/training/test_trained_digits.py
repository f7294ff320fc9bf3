"""The example network, its weights thrown away, learns its digits again by what benchmarks run."""

import sys
from importlib import util
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from pytest_energy.results.training import Training
from pytest_energy.runtime.built_step import batches_of
from pytest_energy.runtime.step_cache import built_step
from pytest_energy.runtime.training_binding import TrainingBound, TrainingState
from pytest_energy.runtime.training_run import TrainingRun
from pytest_energy.training.trained_model import trained_model

MODELS = Path(__file__).parents[3] / "models"
BATCH = 32
TRAINING = Training(optimizer="adamw", hyperparameters={"learning_rate": 3e-3}, epochs=8, target=0.25)
ACCURACY = 0.9
"""Of held-out digits; ten classes are guessed with 0.1."""


@pytest.fixture
def digits(monkeypatch):
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    spec = util.spec_from_file_location("digits_to_learn", MODELS / "digits.py")
    module = util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)  # a dataclass looks its module up while it is made
    spec.loader.exec_module(module)
    return module.split_digits()


@pytest.fixture
def untrained(tmp_path):
    """The network with weights drawn anew, as its inventors would: normal, by the number of inputs."""
    model = onnx.load(MODELS / "digits-cnn.onnx")
    generator = np.random.default_rng(0)
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype == np.float32 and value.ndim > 1:
            deviation = (2 / np.prod(value.shape[1:])) ** 0.5
            drawn = (generator.standard_normal(value.shape) * deviation).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(drawn, tensor.name))
        elif value.dtype == np.float32 and value.ndim == 1 and "bias" in tensor.name:
            tensor.CopyFrom(numpy_helper.from_array(np.zeros_like(value), tensor.name))
    path = tmp_path / "untrained.onnx"
    onnx.save(model, path)
    return path


def logits_of(model, images):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: images})[0]


def accuracy(model, digits):
    return float(np.mean(logits_of(model, digits.images()).argmax(axis=1) == digits.labels))


def test_a_network_learns_to_a_stated_accuracy_and_its_weights_are_written_back(digits, untrained):
    taught, held_out = digits
    built = built_step(untrained, TRAINING, "cpu")
    (name,) = built.description.inputs
    session = onnxruntime.InferenceSession(built.graph, providers=["CPUExecutionProvider"])
    state = TrainingState(built)
    rows = {name: taught.images(), "labels": taught.labels}
    batches = [TrainingBound(session, each, state) for each in batches_of(rows, BATCH)]
    run = TrainingRun(batches, TRAINING)
    run.step()()
    assert run.record.ending == "target"
    assert run.record.losses[0] > 1
    assert run.record.losses[-1] < TRAINING.target
    before = onnx.load(untrained)
    trained = trained_model(before, state.values(), built.description.copies)
    assert accuracy(before, held_out) < 0.3
    assert accuracy(trained, held_out) > ACCURACY
    logits = logits_of(trained, batches[0].feeds[name])
    expected = np.mean(
        np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(BATCH), batches[0].feeds["labels"]]
    )
    batches[0].step()()  # its loss is that of the weights before its update
    assert batches[0].last_loss() == pytest.approx(expected, rel=1e-4)
