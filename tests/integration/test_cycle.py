"""Several feeds with the real CPU provider: they are cycled, and told where they differ in cost."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.environment import detect_machine
from pytest_energy.footprint.pue import pue_of
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.given_inputs import GivenInput, GivenInputs
from pytest_energy.runner.conditions import find_conditions
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.result_of_samples import build_result
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import work_of
from pytest_energy.runtime import cycle as cycle_module
from pytest_energy.runtime.cycle import find_cycle
from pytest_energy.runtime.graph_reader import read_graph
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.limits import Limits
from pytest_energy.workloads.suite import SuiteEntry
from pytest_energy.workloads.synthesis import synthesize

MODELS = Path(__file__).parents[2] / "models"


def value(name, shape=("n", 64)):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def save(path, nodes, weights=(), inputs=None):
    graph = helper.make_graph(
        nodes,
        "graph",
        inputs or [value("x")],
        [value("y", None)],
        [numpy_helper.from_array(array, name) for name, array in weights],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


@pytest.fixture
def branching(tmp_path):
    """A model that works twenty times as much when the sum of its input is above 0."""
    names = ["x", *(f"h{number}" for number in range(19)), "dear"]
    dear = [helper.make_node("MatMul", [taken, "w"], [given]) for taken, given in pairwise(names)]
    branches = {
        "then_branch": helper.make_graph(dear, "then", [], [value("dear", None)]),
        "else_branch": helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["cheap"])], "else", [], [value("cheap", None)]
        ),
    }
    weights = [("w", np.eye(64, dtype=np.float32)), ("zero", np.zeros((), np.float32))]
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["positive"]),
        helper.make_node("If", ["positive"], ["y"], **branches),
    ]
    return save(tmp_path / "branching.onnx", nodes, weights)


@pytest.fixture
def setup():
    conditions = find_conditions(
        detect_machine(), {}, profile="generic-cpu", region=None, intensity=None, pue=pue_of("1")
    )
    return Setup(conditions=conditions, limits=Limits(silence_s=60.0), plan=Plan(time_s=0.3))


@pytest.fixture
def measured(setup):
    """A factory: sample a model in four processes, and return the result."""

    def measure(path):
        entry = SuiteEntry(benchmark=Benchmark(name="model", model=str(path), batch=16), model_path=path)
        taken = [own for (own,) in sample_in_workers([entry], range(4), setup)]
        return build_result(entry.benchmark, taken, setup.conditions, model_hash="", confidence=0.98)

    return measure


def session_of(path):
    return ort.InferenceSession(path, providers=["CPUExecutionProvider"])


def subject_of(path, **changes):
    return Subject(model=str(path), provider="cpu", threads=1, **({"batch": 1} | changes))


def test_a_cost_that_depends_on_the_values_is_told(measured, branching):
    result = measured(branching)
    assert {each.feeds for each in result.samples} == {4}
    assert any(note.startswith("cost differs between inputs: ") for note in result.notes)


def test_a_cost_that_does_not_is_not(measured):
    assert not any("differs" in note for note in measured(MODELS / "digits-cnn.onnx").notes)


def test_feeds_differ_in_values_alone_and_are_the_same_each_time():
    session = session_of(MODELS / "digits-cnn.onnx")
    one, other = (find_cycle(session, subject_of("m"), 0, SystemClock()) for _ in range(2))
    assert len(one.bounds) == 4
    assert one.inputs == other.inputs
    assert (
        one.inputs
        != find_cycle(session, subject_of("m", given=GivenInputs(feeds=3)), 0, SystemClock()).inputs
    )
    shapes = {tuple(array.shape for array in bound.outputs().values()) for bound in one.bounds}
    for bound in one.bounds:
        bound.step()()
    outputs = [next(iter(bound.outputs().values())) for bound in one.bounds]
    assert len(shapes) == 1
    assert not any(np.array_equal(outputs[0], each) for each in outputs[1:])


def test_where_nothing_is_drawn_by_chance_there_is_one_feed(tmp_path):
    path = save(
        tmp_path / "m.onnx", [helper.make_node("Identity", ["x"], ["y"])], inputs=[value("x", (0, 4))]
    )
    cycle = find_cycle(session_of(path), subject_of(path), 0, SystemClock())
    assert len(cycle.bounds) == 1
    assert cycle.notes == ()


def test_feeds_that_together_would_be_too_large_are_fewer_and_it_is_said(monkeypatch):
    monkeypatch.setattr(cycle_module, "MOST_BYTES", 600)  # one image has 256 bytes
    cycle = find_cycle(session_of(MODELS / "digits-cnn.onnx"), subject_of("m"), 0, SystemClock())
    assert len(cycle.bounds) == 2
    assert cycle.notes == ("2 instead of 4 feeds are cycled: one has 256 B",)


def test_a_feed_that_the_model_refuses_is_passed_over(tmp_path):
    """Whole numbers up to 9 go into a table of 7 rows."""
    ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1])
    path = save(
        tmp_path / "m.onnx",
        [helper.make_node("Gather", ["table", "ids"], ["y"])],
        [("table", np.ones((7, 4), np.float32))],
        inputs=[ids],
    )
    cycle = find_cycle(session_of(path), subject_of(path), 0, SystemClock())
    for bound in cycle.bounds:
        bound.step()()
    assert 1 < len(cycle.bounds) <= 4


@pytest.fixture
def recurrent(tmp_path):
    """A model whose state, of a batch in the middle, is a tenth of what it was, and 5 more."""
    nodes = [
        helper.make_node("Mul", ["h0", "tenth"], ["less"]),
        helper.make_node("Add", ["less", "five"], ["hn"]),
        helper.make_node("ReduceSum", ["h0"], ["y"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "graph",
        [value("h0", (1, "n", 4))],
        [value("y", ()), value("hn", (1, "n", 4))],
        [
            numpy_helper.from_array(np.float32(number), name)
            for name, number in (("tenth", 0.1), ("five", 5.0))
        ],
    )
    path = tmp_path / "recurrent.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def test_a_state_is_what_the_model_gave_for_it(recurrent):
    session = ort.InferenceSession(recurrent, providers=["CPUExecutionProvider"])
    plan = read_graph(recurrent, 3).plan
    subject = Subject(model=str(recurrent), provider="cpu", batch=3, threads=1, inputs=plan)
    found = find_cycle(session, subject, 0, SystemClock())
    bound = found.bounds[0]
    bound.step()()
    assert bound.outputs()["hn"].shape == (1, 3, 4)
    # Drawn from a standard normal it would be about 0; after a first step it is about 5.
    assert bound.outputs()["y"] > 12 * 4
    drawn = cycle_module.cycle_hash([synthesize(plan, feed=number) for number in range(len(found.bounds))])
    assert found.inputs == drawn


def test_a_state_that_is_given_stays(recurrent):
    session = ort.InferenceSession(recurrent, providers=["CPUExecutionProvider"])
    given = GivenInputs(inputs=(GivenInput(name="h0", values=(0.0,) * 4, shape=(1, 1, 4)),))
    subject = Subject(
        model=str(recurrent),
        provider="cpu",
        batch=1,
        threads=1,
        inputs=read_graph(recurrent, 1).plan,
        given=given,
    )
    bound = find_cycle(session, subject, 0, SystemClock()).bounds[0]
    bound.step()()
    assert bound.outputs()["y"] == 0


def test_a_result_holds_what_a_step_computes(setup):
    path = MODELS / "digits-transformer.onnx"
    entry = SuiteEntry(benchmark=Benchmark(name="t", model="t.onnx", batch=2), model_path=path)
    (taken,) = sample_in_workers([entry], range(1), setup)
    result = build_result(
        entry.benchmark, taken, setup.conditions, model_hash="a", confidence=0.98, work=work_of(entry)
    )
    assert result.work.macs == 10_487_040
