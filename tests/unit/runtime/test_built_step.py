"""What a built training step is fed: labels beside the model's own inputs, rows split into batches."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput
from pytest_energy.results.training import Training
from pytest_energy.runtime.built_step import (
    BuiltStep,
    batches_of,
    built_from_plain,
    plan_with_labels,
    settings_of,
)
from pytest_energy.training.step_description import StateNames, StepDescription
from pytest_energy.workloads.described_plan import InputSpec

STEP = StepDescription(
    inputs=("x",),
    labels="labels",
    labels_dtype="int64",
    labels_shape=("n",),
    classes=10,
    loss="loss",
    hyperparameters={"learning_rate": 0.1},
    scalar_dtype="float32",
    apply=None,
    accumulate=1,
    states=(StateNames(input="w", output="w.next", of="w", elements=4),),
    trained=("w",),
    frozen=(),
    copies=(),
    output="y",
    notes=(),
)
BUILT = BuiltStep(
    graph="step.onnx",
    state="state.npz",
    training=Training(frozen=("a*",), target=0.2),
    lowering="cpu",
    build_s=0.5,
    description=STEP,
)
X = PlannedInput(name="x", type="tensor(float)", shape=("n", 4), fill=Fill(kind="normal"))
FREE = FreeSize(key="n", candidates=(8,), role="batch")


def test_it_survives_json():
    assert built_from_plain(json.loads(json.dumps(asdict(BUILT)))) == BUILT


def test_labels_are_classes_and_share_the_batch_of_the_model():
    plan = plan_with_labels(InputPlan(batch=8, inputs=(X,), sizes=(FREE,)), BUILT, [])
    labels = plan.inputs[-1]
    assert (labels.name, labels.type, labels.shape) == ("labels", "tensor(int64)", ("n",))
    assert labels.fill == Fill(kind="integers", low=0, high=10, sure=True)
    assert plan.sizes == (FREE,)


@pytest.mark.parametrize(("loss", "kind"), [("mse", "normal"), ("binary-cross-entropy", "uniform")])
def test_labels_that_are_numbers_follow_the_loss(loss, kind):
    step = replace(STEP, labels_dtype="float32", labels_shape=("n", 3), classes=None)
    built = replace(BUILT, training=Training(loss=loss), description=step)
    labels = plan_with_labels(InputPlan(batch=8, inputs=(X,), sizes=(FREE,)), built, []).inputs[-1]
    assert (labels.type, labels.shape, labels.fill.kind) == ("tensor(float)", ("n", 3), kind)


def test_a_batch_that_was_exported_fixed_follows_the_one_that_is_asked_for():
    fixed = replace(X, shape=(1, 4))
    plan = plan_with_labels(
        InputPlan(batch=8, inputs=(fixed,)),
        BUILT,
        [InputSpec(name="x", type="tensor(float)", shape=("b", 4))],
    )
    (size,) = plan.sizes
    assert size.candidates == (8,)
    assert [each.shape for each in plan.inputs] == [(size.key, 4), (size.key,)]


def test_accelerators_are_told_the_batch_and_the_cpu_is_not():
    assert BUILT.pinned_batch is None
    assert replace(BUILT, lowering="portable").pinned_batch == "n"


def test_rows_are_split_into_whole_batches():
    rows = {"x": np.arange(14).reshape(7, 2), "labels": np.arange(7)}
    batches = batches_of(rows, 3)
    assert [each["labels"].tolist() for each in batches] == [[0, 1, 2], [3, 4, 5]]
    assert [each["x"].shape for each in batches] == [(3, 2), (3, 2)]


@pytest.mark.parametrize(
    "arrays", [{}, {"x": np.zeros((3, 2))}, {"x": np.zeros((7, 2)), "mask": np.zeros((2, 2))}]
)
def test_what_is_no_table_of_rows_stays_one_batch(arrays):
    (one,) = batches_of(arrays, 3)
    assert one.keys() == arrays.keys()


def test_every_setting_is_a_factor():
    assert settings_of(BUILT) == {
        "loss": "cross-entropy",
        "optimizer": "sgd",
        "clip": "none",
        "accumulate": "1",
        "lowering": "cpu",
        "trained": "1 tensors",
        "frozen": "0 tensors",
        "output": "y",
        "learning_rate": "0.1",
    }
