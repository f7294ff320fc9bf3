"""Tests that need a provider; in an environment without it each is skipped by the provider's name.

``.ci/run`` makes an environment for each and runs this folder there.
"""

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.providers import provider_named
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.codec import from_plain
from pytest_energy.results.factors import Factors
from pytest_energy.results.placement import Placement
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runner.subject import subject_of
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.suite import Overrides, SuiteEntry

MODELS = Path(__file__).parents[2] / "models"
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
PATIENCE_S = 120.0


def is_here(name):
    """Whether this environment has a provider, built in or as a plugin package."""
    provider = provider_named(name)
    plugin = provider.plugin and importlib.util.find_spec(provider.plugin.module)
    return provider.name in ort.get_available_providers() or bool(plugin)


def pytest_runtest_setup(item):
    """Skip what needs a provider that is not in this environment."""
    for name in getattr(item.module, "NEEDS", ()):
        if not is_here(name):
            pytest.skip(f"the provider {name} is not in this environment")


@pytest.fixture
def verified():
    """A factory: factors and placement of a model on a provider, as a worker verifies them."""

    def verify(  # noqa: PLR0913 - what benchmarks differ in, each with a default
        model, provider, *, library=None, least_share=0.9, batch=1, training=None, **settings
    ):
        benchmark = Benchmark(
            name="a",
            mode="inference" if training is None else "training",
            provider=provider,
            batch=batch,
            session=SessionSettings(**settings),
            training=training,
        )
        entry = SuiteEntry(
            benchmark=benchmark,
            model_path=Path(model),
            overrides=Overrides(placement=least_share),
            library=None if library is None else Path(library),
        )
        # With the inputs that its graph asks for, as in a run.
        subject = subject_of(entry)
        with WorkerProcess(Limits(silence_s=PATIENCE_S)) as worker:
            worker.wait_until_ready()
            events = list(worker.run(Job(subjects=(subject,), plan=None, verify=True)))
        (loaded,) = (event for event in events if event["event"] == "loaded")
        return from_plain(loaded["factors"], Factors), from_plain(loaded["placement"], Placement)

    return verify


@pytest.fixture
def models():
    """The folder of the example models."""
    return MODELS


@pytest.fixture
def light():
    """The folder of the onnx package's models without weights."""
    return LIGHT


@dataclass(frozen=True, slots=True)
class Lesson:
    """A model, and rows that it learns at a rate.

    Attributes:
        model: Its file.
        rows: Inputs by name, and labels.
        rate: The learning rate.
    """

    model: Path
    rows: dict
    rate: float


def strokes(count):
    """Return images of rows and columns that are drawn, which tell the label."""
    labels = np.arange(count) % 10
    images = 0.1 * np.random.default_rng(0).random((count, 1, 8, 8), np.float32)
    for image, label in zip(images, labels, strict=True):
        image[0, label % 8] += 0.9
        image[0, :, label // 8 * 5] += 0.4
    return images, labels


def perceptron(path):
    """Write two layers of drawn weights, and return the path."""
    draw = np.random.default_rng(1).standard_normal
    weights = {"w": draw((64, 32)) / 8, "b": np.zeros(32), "v": draw((32, 10)) / 6}
    nodes = [
        helper.make_node("Flatten", ["image"], ["x"]),
        helper.make_node("Gemm", ["x", "w", "b"], ["h"]),
        helper.make_node("Relu", ["h"], ["a"]),
        helper.make_node("MatMul", ["a", "v"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "perceptron",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 10])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


@pytest.fixture
def lessons(tmp_path):
    """What is learned, by name: convolutions, a transformer with embeddings, and a perceptron."""
    images, labels = strokes(8)
    tokens = np.round(images.reshape(8, 64) * 11).astype(np.int64)
    return {
        "convolutions": Lesson(MODELS / "digits-cnn.onnx", {"image": images, "labels": labels}, 0.003),
        "transformer": Lesson(MODELS / "digits-transformer.onnx", {"tokens": tokens, "labels": labels}, 0.03),
        "perceptron": Lesson(perceptron(tmp_path / "p.onnx"), {"image": images, "labels": labels}, 0.1),
    }


@pytest.fixture
def taught(tmp_path):
    """A factory: trains a model for its own sake on a provider; what was told of it, and the model."""

    def teach(lesson, provider, epochs=3):
        rows, written, told = (tmp_path / name for name in ("rows.npz", "trained.onnx", "told.json"))
        np.savez(rows, **lesson.rows)
        options = {
            "--inputs": rows, "--provider": provider, "--batch": 4, "--epochs": epochs,
            "--learning-rate": lesson.rate, "--optimizer": "momentum", "-o": written, "--json": told,
        }  # fmt: skip
        arguments = [str(each) for pair in options.items() for each in pair]
        done = subprocess.run(
            [sys.executable, "-m", "pytest_energy", "train", str(lesson.model), *arguments],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(told.read_text(encoding="utf-8"))["run"], onnx.load(written)

    return teach


@pytest.fixture
def learns_as_on_the_cpu(taught):
    """A check: the loss falls, and it and what was learned are those of the CPU; returns the placement."""

    def check(lesson, provider):
        run, model = taught(lesson, provider)
        expected, reference = taught(lesson, "cpu")
        losses = run["record"]["losses"]
        assert losses[-1] < 0.9 * losses[0]
        assert losses == pytest.approx(expected["record"]["losses"], rel=1e-4)
        for one, other in zip(model.graph.initializer, reference.graph.initializer, strict=True):
            learned, wanted = map(numpy_helper.to_array, (one, other))
            np.testing.assert_allclose(learned, wanted, atol=1e-4 * max(1.0, np.abs(wanted).max()))
        return from_plain(run["placement"], Placement)

    return check
