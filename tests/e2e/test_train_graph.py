"""``pytest-energy train-graph``, as a user runs it."""

import subprocess
import sys
from pathlib import Path

import onnxruntime

MODELS = Path(__file__).parents[2] / "models"


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pytest_energy", "train-graph", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_becomes_a_training_step(tmp_path):
    step = tmp_path / "step.onnx"
    ended = command(
        MODELS / "digits-transformer.onnx", "-o", step, "--optimizer", "adamw", "--freeze", "*bias"
    )
    assert ended.returncode == 0, ended.stderr
    assert "adamw: beta1 0.9, beta2 0.999" in ended.stdout
    assert "14 tensors" in ended.stdout
    session = onnxruntime.InferenceSession(step)
    assert session.get_outputs()[0].name == "loss"
    assert {each.name for each in session.get_inputs()} >= {"tokens", "labels", "learning_rate"}


def test_a_model_that_cannot_be_trained_says_why(tmp_path):
    ended = command(MODELS / "digits-cnn-int8.onnx", "-o", tmp_path / "step.onnx")
    assert ended.returncode == 1
    assert "no gradient rule for DequantizeLinear" in ended.stderr
    assert "pytest_energy.gradients" in ended.stderr


def test_an_unknown_name_is_a_fault_of_usage(tmp_path):
    ended = command(MODELS / "digits-transformer.onnx", "-o", tmp_path / "step.onnx", "--loss", "hinge")
    assert ended.returncode == 2
    assert "there are cross-entropy, binary-cross-entropy, mse" in ended.stderr
