"""Counters read around windows of a real worker; the counter itself is a double that follows the clock."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.power.meter import Component, MeterReading
from pytest_energy.power.meters import MeterKind
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.metering import LEAST_WINDOW_S, Metering
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.limits import Limits
from pytest_energy.workloads.suite import SuiteEntry

MODEL = Path(__file__).parents[2] / "models/digits-cnn.onnx"
WATTS = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantPower:
    """A counter of a machine that always draws the same."""

    kind: str = "constant"
    method: str = "fifty watts"
    components: tuple[Component, ...] = (Component(name="cpu", boundary="all"),)
    tick_s: float = 1e-3
    clock: SystemClock = field(default_factory=SystemClock)

    def read(self):
        return MeterReading(energy_j={"cpu": WATTS * self.clock.read().wall_s})

    def close(self):
        """Nothing to close."""


@pytest.fixture
def windows():
    entry = SuiteEntry(benchmark=Benchmark(name="digits", model=str(MODEL)), model_path=MODEL)
    kinds = (MeterKind(name="constant", what="", open=lambda _: ConstantPower()),)
    setup = Setup(
        conditions=None,
        limits=Limits(silence_s=60.0),
        plan=Plan(time_s=0.05),
        metering=Metering(kinds=kinds),
    )
    return [each.samples.windows for ((each,),) in [sample_in_workers([entry], range(1), setup)]]


def test_a_counter_is_read_just_before_and_just_after_the_window(windows):
    ((window,),) = windows
    assert window.duration_s >= LEAST_WINDOW_S
    assert window.steps > 100
    assert 0 < window.cpu_s <= 1.5 * window.duration_s
    # The parent wakes up late on a busy machine, never early.
    assert WATTS * window.duration_s <= window.energy_j < 10 * WATTS * window.duration_s


def test_without_meters_a_worker_runs_no_window():
    entry = SuiteEntry(benchmark=Benchmark(name="digits", model=str(MODEL)), model_path=MODEL)
    setup = Setup(
        conditions=None, limits=Limits(silence_s=60.0), plan=Plan(time_s=0.05), metering=Metering(kinds=())
    )
    ((sampled,),) = sample_in_workers([entry], range(1), setup)
    assert sampled.samples.windows == ()
    assert sampled.samples.load_cpu_s > 0
    assert sampled.samples.first_run_s > 0
