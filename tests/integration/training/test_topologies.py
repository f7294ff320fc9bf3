"""All topologies of the onnx package build a valid step and learn one image."""

import runpy
from pathlib import Path

import onnx
import pytest

from pytest_energy.training.optimizers import Momentum
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.training_step import training_step

TOPOLOGIES = runpy.run_path(str(Path(__file__).with_name("topologies.py")))
CHEAP = {
    "inception_v1",
    "shufflenet",
    "squeezenet",
}  # tests/benchmarks/topologies_trial.py takes as many of all


@pytest.mark.parametrize("name", TOPOLOGIES["NAMES"])
def test_it_learns(name, loop):
    step = training_step(
        TOPOLOGIES["topology"](name), Recipe(optimizer=Momentum(learning_rate=0.01), clip_norm=1.0)
    )
    onnx.checker.check_model(step.model, full_check=True)
    assert {node.domain for node in step.model.graph.node} == {""}
    running = loop(step)
    running.states = TOPOLOGIES["fresh_states"](step)
    images, labels = TOPOLOGIES["batch"](1)
    losses = [running.take({step.inputs[0]: images}, labels) for _ in range(20 if name in CHEAP else 4)]
    assert losses[-1] < losses[0]


def test_there_are_nine():
    assert len(TOPOLOGIES["NAMES"]) == 9
