"""States that swap roles: the losses of steps that are bound are those of steps that are fed."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from pytest_energy.results.training import Training
from pytest_energy.runtime.built_step import BuiltStep
from pytest_energy.runtime.device_memory import DeviceMemory
from pytest_energy.runtime.step_builder import build_step
from pytest_energy.runtime.training_binding import TrainingBound, TrainingState, losses
from pytest_energy.training.optimizers import Momentum
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.step_description import StepRequest
from pytest_energy.training.training_step import training_step

MODEL = Path(__file__).parents[3] / "models/digits-transformer.onnx"
STEPS = 6
MEMORIES = [DeviceMemory(), DeviceMemory(of_sessions="cpu")]  # the latter as where sessions alone put values


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("step")
    graph, state = (str(folder / name) for name in ("step.onnx", "state.npz"))
    description = build_step(StepRequest(model=str(MODEL), step=graph, state=state, optimizer="momentum"))
    return BuiltStep(
        graph=graph,
        state=state,
        training=Training(optimizer="momentum"),
        lowering="cpu",
        build_s=0.0,
        description=description,
    )


@pytest.fixture
def session(built):
    return onnxruntime.InferenceSession(built.graph)


@pytest.fixture(scope="module")
def feeds():
    random = np.random.default_rng(0)
    return {"tokens": random.integers(0, 17, (4, 64)), "labels": random.integers(0, 10, 4)}


@pytest.mark.parametrize("memory", MEMORIES, ids=["of all", "of sessions"])
def test_losses_are_those_of_a_loop_that_feeds_states_back(built, session, feeds, loop, memory):
    running = loop(training_step(onnx.load(MODEL), Recipe(optimizer=Momentum())))
    expected = [running.take({"tokens": feeds["tokens"]}, feeds["labels"]) for _ in range(STEPS)]
    (found,) = losses(session, feeds, built, memory, STEPS).values()
    assert len(set(expected)) == STEPS
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("memory", MEMORIES, ids=["of all", "of sessions"])
def test_what_was_learned_can_be_read_and_forgotten(built, session, feeds, memory):
    state = TrainingState(session, built, memory)
    initial = state.values()
    bound = TrainingBound(session, feeds, state)
    first = [_stepped(bound) for _ in range(3)]
    learned = state.values()
    assert any((learned[name] != initial[name]).any() for name in initial)
    state.restart()
    assert all((state.values()[name] == initial[name]).all() for name in initial)
    assert [_stepped(bound) for _ in range(3)] == first
    assert all((state.values()[name] == learned[name]).all() for name in initial)


@pytest.mark.parametrize("memory", MEMORIES, ids=["of all", "of sessions"])
def test_batches_share_what_was_learned(built, session, feeds, memory):
    state = TrainingState(session, built, memory)
    one, other = (TrainingBound(session, feeds, state) for _ in range(2))
    expected = losses(session, feeds, built, memory, 4)["loss"]
    assert [_stepped(each) for each in (one, other, one, other)] == expected.tolist()


def _stepped(bound):
    bound.step()()
    return float(bound.last_loss())
