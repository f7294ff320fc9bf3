import pytest

from pytest_energy.errors import WorkerDied
from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.quality import Counters
from pytest_energy.runner.confirmation import BASELINE_PROCESSES
from pytest_energy.runner.noise_trials import LEAST_TRIALS, RUN, Bounds, sample_trials

GROUP_S = 4.0


class CountingReader:
    """A second of steal between one reading and the next."""

    def __init__(self):
        self.readings = 0

    def read(self):
        self.readings += 1
        return Counters(steal_s=float(self.readings))


class Workers:
    """Processes that cost nothing but time: one second to start a group, the rest to measure."""

    def __init__(self, clock, process):
        self._clock = clock
        self._process = process
        self.groups = []

    def __call__(self, entries, processes, setup):
        assert len(entries) == 1
        self.groups.append(processes)
        self._clock.advance(0, 1.0)
        for _ in processes:
            setup.progress("as the pipeline says it")
            self._clock.advance(0, (GROUP_S - 1.0) / RUN)
        return [self._process(1.0, number=number) for number in processes]


@pytest.fixture
def sampled(entry, said, process):
    """Sample within bounds; return the trials, the workers, and what was said."""
    setup, words = said

    def run(**bounds):
        clock = FakeClock(tick_s=0.0)
        workers = Workers(clock, process)
        limits = Bounds(**{"trials": None, "time_s": None} | bounds)
        trials = sample_trials(entry, setup, limits, reader=CountingReader(), clock=clock, sample=workers)
        return trials, workers, words

    return run


def test_a_baseline_comes_first_then_as_many_trials_as_were_asked_for(sampled):
    trials, workers, _ = sampled(trials=6)
    assert len(trials.baseline) == BASELINE_PROCESSES
    assert len(trials.runs) == 6 * RUN
    numbers = [number for group in workers.groups for number in group]
    assert numbers == list(range(BASELINE_PROCESSES + 6 * RUN))


def test_no_trial_is_begun_that_would_not_fit(sampled):
    trials, _, _ = sampled(time_s=11 * GROUP_S + 1)
    assert trials.duration_s == pytest.approx(11 * GROUP_S)
    assert len(trials.baseline + trials.runs) == 11 * RUN


def test_what_comes_first_ends_it(sampled):
    assert len(sampled(trials=7, time_s=1000.0)[0].runs) == 7 * RUN
    assert len(sampled(trials=50, time_s=11 * GROUP_S)[0].runs) == 7 * RUN


@pytest.mark.parametrize("bounds", [{"trials": 1}, {"time_s": 0.0}])
def test_a_few_trials_are_always_taken(sampled, bounds):
    assert len(sampled(**bounds)[0].runs) == LEAST_TRIALS * RUN


def test_start_up_is_not_watched(sampled):
    trials, workers, _ = sampled(trials=4)
    groups = len(workers.groups)
    assert trials.watched_s == pytest.approx(groups * (GROUP_S - 1.0))
    assert trials.disturbance.steal_s == groups
    assert trials.disturbance.pressure_s is None


def test_progress_counts_processes_and_trials(sampled):
    _, _, words = sampled(trials=6)
    assert words[0] == "baseline: process 1 of 16"
    assert words[15] == "baseline: process 16 of 16"
    assert words[16] == "trial 1: process 1 of 4"
    assert words[-1] == "trial 6: process 4 of 4"


def test_a_worker_that_dies_ends_it(entry, setup):
    def die(*_):
        raise WorkerDied("gone")

    with pytest.raises(WorkerDied):
        sample_trials(
            entry,
            setup,
            Bounds(trials=4, time_s=None),
            reader=CountingReader(),
            clock=FakeClock(),
            sample=die,
        )
