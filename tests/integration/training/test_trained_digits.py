"""The example network is made anew by its own script: drawn, trained by the command, and written."""

import sys
from importlib import util
from pathlib import Path

import numpy as np
import onnx
import pytest

MODELS = Path(__file__).parents[3] / "models"
# Another processor rounds otherwise, and training takes another way from there: three standard errors.
ELSEWHERE = 0.015


@pytest.fixture(scope="module")
def script():
    """The module ``train_digits_cnn``, and those beside it that it imports."""
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("digits", "onnx_file", "train_digits_cnn"):
            spec = util.spec_from_file_location(name, MODELS / f"{name}.py")
            module = util.module_from_spec(spec)
            patch.setitem(sys.modules, name, module)
            spec.loader.exec_module(module)
        yield module


def weights(model):
    return {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}


def test_the_script_teaches_a_drawn_network_to_the_accuracy_that_the_model_states(script):
    taught, held_out = script.split_digits()
    drawn = script.untrained()
    trained = script.train(drawn, taught)
    shipped = onnx.load(MODELS / "digits-cnn.onnx")
    (stated,) = (float(each.value) for each in shipped.metadata_props if each.key == "held_out_accuracy")
    before, after = (
        script.accuracy(script.run(model, held_out.images()), held_out) for model in (drawn, trained)
    )
    assert stated >= 0.97
    assert before < 0.3
    assert after >= stated - ELSEWHERE
    assert trained.graph.node == shipped.graph.node
    assert {name: value.shape for name, value in weights(trained).items()} == {
        name: value.shape for name, value in weights(shipped).items()
    }


def test_the_same_machine_gives_the_same_bytes(script):
    taught, _ = script.split_digits()
    first, second = (script.train(script.untrained(), taught, stages=[(1, 0.002)]) for _ in range(2))
    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)
    drawn = weights(script.untrained())
    changed = {name for name, value in weights(first).items() if not np.array_equal(value, drawn[name])}
    assert changed == set(drawn) - {"scales", "axes"}
