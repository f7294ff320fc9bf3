"""The example models load, still are as accurate as they say, and are what their scripts make."""

import hashlib
import sys
import tomllib
from importlib import util
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

MODELS = Path(__file__).parents[2] / "models"
NAMES = ("digits-cnn.onnx", "digits-cnn-int8.onnx", "digits-transformer.onnx")
SUITE = MODELS / "models.energy.toml"
# Another processor may round a borderline digit to the other side: two of 449.
ROUNDING = 2 / 449


def open_session(name):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(MODELS / name, options, providers=["CPUExecutionProvider"])


def notes_of(name):
    return open_session(name).get_modelmeta().custom_metadata_map


def synthetic_feed(session, batch):
    """Whatever may be fed to a model of which only dtype and shape are known."""
    (taken,) = session.get_inputs()
    shape = (batch, *taken.shape[1:])
    generator = np.random.default_rng(0)
    if taken.type == "tensor(int64)":
        return {taken.name: generator.integers(0, 2, shape)}
    return {taken.name: generator.standard_normal(shape).astype(np.float32)}


def input_of(session, digits):
    (taken,) = session.get_inputs()
    return {taken.name: digits.tokens() if taken.name == "tokens" else digits.images()}


def accuracy(name, digits):
    session = open_session(name)
    (logits,) = session.run(None, input_of(session, digits))
    return float(np.mean(logits.argmax(axis=1) == digits.labels))


@pytest.fixture(scope="module")
def held_out():
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    spec = util.spec_from_file_location("digits_of_the_models", MODELS / "digits.py")
    module = util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        # A dataclass looks its module up by name while it is made.
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
    return module.split_digits()[1]


def test_the_folder_holds_these_models_and_no_others():
    assert {path.name for path in MODELS.glob("*.onnx")} == set(NAMES)


@pytest.mark.parametrize("batch", [1, 3, 32])
@pytest.mark.parametrize("name", NAMES)
def test_a_model_gives_ten_finite_logits_per_item_for_any_batch(name, batch):
    session = open_session(name)
    (logits,) = session.run(None, synthetic_feed(session, batch))
    assert logits.shape == (batch, 10)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", NAMES)
def test_only_the_batch_dimension_is_free(name):
    (taken,) = open_session(name).get_inputs()
    assert taken.shape[0] == "batch"
    assert all(isinstance(size, int) for size in taken.shape[1:])


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_does_not_depend_on_what_else_is_in_the_batch(name, held_out):
    session = open_session(name)
    feed = input_of(session, held_out)
    (together,) = session.run(None, {key: value[:8] for key, value in feed.items()})
    (alone,) = session.run(None, {key: value[:1] for key, value in feed.items()})
    np.testing.assert_allclose(alone[0], together[0], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_reaches_the_accuracy_noted_in_it(name, held_out):
    noted = float(notes_of(name)["held_out_accuracy"])
    assert noted > 0.95
    assert accuracy(name, held_out) == pytest.approx(noted, abs=ROUNDING)


def test_quantization_costs_less_than_two_points_of_accuracy(held_out):
    lost = accuracy("digits-cnn.onnx", held_out) - accuracy("digits-cnn-int8.onnx", held_out)
    assert lost < 0.02


def test_the_quantized_model_was_made_from_the_float_model_beside_it():
    notes = notes_of("digits-cnn-int8.onnx")
    assert notes["source"] == "digits-cnn.onnx"
    assert notes["source_sha256"] == hashlib.sha256((MODELS / notes["source"]).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_the_script_that_a_model_names_is_there_and_names_the_model(name):
    script = MODELS / notes_of(name)["script"]
    assert name in script.read_text(encoding="utf-8")


def test_the_quantized_model_is_at_most_a_third_of_the_float_model():
    sizes = {name: (MODELS / name).stat().st_size for name in NAMES}
    assert sizes["digits-cnn-int8.onnx"] < sizes["digits-cnn.onnx"] / 3


def test_the_models_together_are_small_enough_for_a_repository():
    assert sum((MODELS / name).stat().st_size for name in NAMES) < 4_000_000


@pytest.mark.parametrize("trace", [b"/home/", b"/root/", b"/tmp/", b"site-packages", b"Traceback"])
@pytest.mark.parametrize("name", NAMES)
def test_a_model_holds_no_trace_of_the_machine_that_made_it(name, trace):
    assert trace not in (MODELS / name).read_bytes()


def tables_of_suite(mode):
    tables = tomllib.loads(SUITE.read_text(encoding="utf-8"))["benchmark"]
    return [table for table in tables if table.get("mode", "inference") == mode]


def test_the_suite_runs_every_model_at_two_batch_sizes():
    tables = tables_of_suite("inference")
    listed = sorted((table["model"], size) for table in tables for size in table["batch"])
    expected = [
        ("digits-cnn.onnx", (1, 32)),
        ("digits-cnn-int8.onnx", (1, 32)),
        ("digits-transformer.onnx", (1, 8)),
    ]
    assert listed == sorted((name, size) for name, sizes in expected for size in sizes)


def test_the_suite_trains_the_network_that_was_trained_by_this_package():
    (table,) = tables_of_suite("training")
    assert (table["model"], table["optimizer"], table["batch"]) == ("digits-cnn.onnx", "adamw", 32)


def test_the_readme_lists_every_model_with_its_accuracy():
    readme = (MODELS / "README.md").read_text(encoding="utf-8")
    rows = {
        name: next(line for line in readme.splitlines() if line.startswith(f"| `{name}`")) for name in NAMES
    }
    for name, row in rows.items():
        assert f"{float(notes_of(name)['held_out_accuracy']):.2%}".replace("%", " %") in row
