from pathlib import Path

import pytest

from pytest_energy.errors import WorkerDied
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.operators import OperatorProfile, OperatorShare
from pytest_energy.runner import explanation
from pytest_energy.runner.explanation import with_operators
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, Interpreter
from pytest_energy.runtime.limits import Limits
from pytest_energy.workloads.suite import SuiteEntry

NEW, OLD = (
    SuiteEntry(benchmark=Benchmark(name="small", model="small.onnx"), model_path=Path(folder) / "small.onnx")
    for folder in ("new", "old")
)
SETUP = Setup(conditions=None, limits=Limits(silence_s=1.0))
PROFILES = {
    OLD: OperatorProfile(
        operators=(
            OperatorShare(name="a", op_type="QLinearConv", provider="CPUExecutionProvider", share=1.0),
        )
    ),
    NEW: OperatorProfile(
        operators=(OperatorShare(name="a", op_type="Conv", provider="CPUExecutionProvider", share=1.0),)
    ),
}


@pytest.fixture
def judged(result_of, baseline_of):
    """A factory: the verdict on a step that costs so many times what it did."""

    def make(factor):
        return judge(result_of([factor] * 4), baseline_of([1.0] * 4), Policy(), paired=True)

    return make


@pytest.fixture
def profiled(monkeypatch):
    """What was profiled, without a worker."""
    asked = []

    def stand_in(entry, setup, interpreter=THIS_INTERPRETER):
        assert setup is SETUP
        asked.append((entry, interpreter))
        return PROFILES[entry]

    monkeypatch.setattr(explanation, "operator_profile", stand_in)
    return asked


def test_a_regression_is_told_by_operators(judged, profiled):
    verdict = with_operators(judged(1.5), NEW, OLD, SETUP)
    assert verdict.operators == ("QLinearConv became Conv (a): +50 % of the old step",)
    assert profiled == [(OLD, THIS_INTERPRETER), (NEW, THIS_INTERPRETER)]


def test_the_old_side_is_profiled_where_it_runs(judged, profiled):
    elsewhere = Interpreter(python="/other/bin/python", shown="the environment /other")
    with_operators(judged(1.5), NEW, OLD, SETUP, elsewhere)
    assert profiled == [(OLD, elsewhere), (NEW, THIS_INTERPRETER)]


@pytest.mark.parametrize("factor", [0.5, 1.0])
def test_nothing_else_is_profiled(judged, profiled, factor):
    verdict = judged(factor)
    assert with_operators(verdict, NEW, OLD, SETUP) is verdict
    assert profiled == []


def test_the_verdict_stands_where_profiling_fails(judged, monkeypatch):
    def dies(*_):
        raise WorkerDied("The worker was killed.")

    monkeypatch.setattr(explanation, "operator_profile", dies)
    before = judged(1.5)
    after = with_operators(before, NEW, OLD, SETUP)
    assert (after.kind, after.fails, after.operators) == (before.kind, before.fails, ())
    assert after.reasons == (*before.reasons, "which operators grew could not be told: The worker was killed")
