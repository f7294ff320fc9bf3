"""Steps that arrive at a pace, with the real CPU provider: what spinning threads cost while they wait."""

import statistics
from pathlib import Path

import pytest

from pytest_energy.measurement.plan import Plan
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.limits import Limits
from pytest_energy.workloads.suite import SuiteEntry

MODEL = Path(__file__).parents[2] / "models/digits-cnn.onnx"


def cpu_s(*, spinning, pace_s):
    """CPU time per step of one process with two threads."""
    benchmark = Benchmark(
        name="digits", model=str(MODEL), batch=8, threads=2, spinning=spinning, pace_s=pace_s
    )
    entry = SuiteEntry(benchmark=benchmark, model_path=MODEL)
    setup = Setup(conditions=None, limits=Limits(silence_s=120.0), plan=Plan(time_s=0.3))
    ((sampled,),) = sample_in_workers([entry], range(1), setup)
    return statistics.median(sampled.samples.step_cpu_s)


def test_threads_that_spin_while_nothing_arrives_are_seen():
    # Measured: 2.2 ms without and 10 ms with spinning. Neighbours add to both, but not four milliseconds.
    still, spinning = (cpu_s(spinning=each, pace_s=50e-3) for each in (False, True))
    assert spinning > 1.5 * still


def test_waiting_without_spinning_costs_no_cpu_time():
    assert cpu_s(spinning=False, pace_s=50e-3) < 0.5 * 50e-3


@pytest.mark.parametrize("pace_s", [10e-3, 0.1])
def test_blocks_are_whole_periods(pace_s):
    benchmark = Benchmark(name="digits", model=str(MODEL), pace_s=pace_s)
    entry = SuiteEntry(benchmark=benchmark, model_path=MODEL)
    setup = Setup(conditions=None, limits=Limits(silence_s=120.0), plan=Plan(time_s=0.1))
    ((sampled,),) = sample_in_workers([entry], range(1), setup)
    assert sampled.samples.steps_per_block == max(2, round(0.1 / pace_s))
    assert len(sampled.samples.step_cpu_s) >= Plan().least_rounds
