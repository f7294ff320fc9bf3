"""``pytest-energy train-graph``, as a user runs it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

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
    assert "the model is quantized (DequantizeLinear)" in ended.stderr
    assert "Train the floating-point model that it was made from." in ended.stderr


def test_operators_without_a_rule_are_all_named_with_where_one_goes(tmp_path):
    weight = numpy_helper.from_array(np.eye(4, dtype=np.float32), "w")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Det", ["a"], ["d"]),
        helper.make_node("Odd", ["d"], ["y"], domain="ours"),
    ]
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4, 4])
    given = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ours", 1)]
    graph = helper.make_graph(nodes, "odd", [taken], [given], [weight])
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), tmp_path / "odd.onnx")
    ended = command(tmp_path / "odd.onnx", "-o", tmp_path / "step.onnx", "--loss", "mse")
    assert ended.returncode == 1
    assert "there is no gradient rule for " in ended.stderr
    assert "Det" in ended.stderr
    assert "Odd" in ended.stderr
    assert "pytest_energy.gradients" in ended.stderr


def test_an_unknown_name_is_a_fault_of_usage(tmp_path):
    ended = command(MODELS / "digits-transformer.onnx", "-o", tmp_path / "step.onnx", "--loss", "hinge")
    assert ended.returncode == 2
    assert "there are cross-entropy, binary-cross-entropy, mse" in ended.stderr
