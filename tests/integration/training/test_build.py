"""The builder's process, and the files that go in and come out."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from pytest_energy.errors import ModelError, NoGradient, UsageError
from pytest_energy.runtime.step_builder import build_step
from pytest_energy.training.step_description import METADATA_KEY, StepRequest, description_from_json
from pytest_energy.training.trained_model import trained_model


@pytest.fixture
def model(tmp_path):
    """One layer with a weight."""
    weight = numpy_helper.from_array(np.full((3, 2), 0.5, np.float32), "weight")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weight"], ["y"])],
        "layer",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 2])],
        [weight],
    )
    path = tmp_path / "layer.onnx"
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def request(model, **more):
    return StepRequest(model=str(model), step=str(model.with_name("step.onnx")), loss="mse", **more)


def feeds(**more):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    return {"x": x, "labels": np.ones((2, 2), np.float32), **more}


def test_the_file_of_a_step_runs_as_it_is(model):
    description = build_step(request(model, optimizer="adamw"))
    session = onnxruntime.InferenceSession(model.with_name("step.onnx"))
    scalars = {name: np.float32(value) for name, value in description.hyperparameters.items()}
    scalars = {name: np.asarray(value) for name, value in scalars.items()}
    loss, updated = session.run(["loss", "weight.next"], feeds(**scalars))
    x = feeds()["x"]
    assert float(loss) == pytest.approx(float(((x @ np.full((3, 2), 0.5) - 1) ** 2).mean()))
    np.testing.assert_allclose(updated, 0.5 * (1 - 1e-3 * 0.01) - 1e-3, rtol=1e-4)


def test_a_step_describes_itself(model):
    description = build_step(request(model))
    (entry,) = onnx.load(model.with_name("step.onnx")).metadata_props
    assert entry.key == METADATA_KEY
    assert description_from_json(entry.value) == description
    assert description.trained == ("weight",)
    assert description.labels_shape == ("n", 2)


def test_initial_values_may_stand_apart(model, tmp_path):
    build_step(request(model, state=str(tmp_path / "state.npz")))
    with np.load(tmp_path / "state.npz") as state:
        np.testing.assert_array_equal(state["weight"], np.full((3, 2), 0.5))
    assert "weight" not in {each.name for each in onnx.load(tmp_path / "step.onnx").graph.initializer}


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"loss": "hinge"}, UsageError, "there are cross-entropy"),
        ({"hyperparameters": {"momentum": 0.5}}, UsageError, "sgd has no momentum"),
        ({"frozen": ("w*",)}, ModelError, "are frozen"),
        ({"output": "z"}, ModelError, "its outputs are y"),
    ],
)
def test_faults_come_back_as_what_they_are(model, change, kind, words):
    with pytest.raises(kind, match=words):
        build_step(StepRequest(**{"model": str(model), "step": str(model.with_name("s.onnx")), **change}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bytes(range(255, 0, -1)), "is damaged"),
        (b"", "is empty: export"),
        (b"not a model at all", "is text, not ONNX"),
        (None, "is a folder: name a file in it"),
    ],
)
def test_what_is_no_model_is_told_apart(tmp_path, content, words):
    path = tmp_path / "model.onnx"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ModelError, match=words):
        build_step(request(path))


def test_all_operators_without_a_rule_are_named(tmp_path):
    nodes = [
        helper.make_node("Mul", ["x", "w"], ["a"]),
        helper.make_node("Det", ["a"], ["b"], name="the_det"),
        helper.make_node("Mystery", ["b"], ["y"], domain="com.example"),
    ]
    graph = helper.make_graph(
        nodes,
        "odd",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 2])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ones((2, 2), np.float32), "w")],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.example", 1)]
    path = tmp_path / "odd.onnx"
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=opsets), path)
    with pytest.raises(NoGradient, match=r"Det \(at 'the_det'\), com\.example\.Mystery"):
        build_step(request(path))


def test_quantized_models_are_refused(tmp_path):
    numbers = {"s": np.full((2,), 0.5, np.float32), "q": np.ones((3, 2), np.int8), "z": np.zeros(2, np.int8)}
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=1),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "quantized",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(value, name) for name, value in numbers.items()],
    )
    path = tmp_path / "quantized.onnx"
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)]), path)
    with pytest.raises(NoGradient, match=r"is quantized .DequantizeLinear.*floating-point model"):
        build_step(request(path))


def test_trained_values_go_back_into_the_model(model):
    trained = trained_model(onnx.load(model), {"weight": np.eye(3, 2, dtype=np.float32)})
    (y,) = onnxruntime.InferenceSession(trained.SerializeToString()).run(None, {"x": feeds()["x"]})
    np.testing.assert_array_equal(y, feeds()["x"][:, :2])


@pytest.mark.parametrize("values", [{"other": np.ones(1)}, {"weight": np.ones((2, 2), np.float32)}])
def test_values_of_another_model_are_refused(model, values):
    with pytest.raises(ModelError, match="does not belong"):
        trained_model(onnx.load(model), values)
