"""Tests of pytest-benchmark: their energy is measured too, and our benchmarks stand in its table and JSON."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.stats import Metadata

from pytest_energy.gate.verdict import Unchanged, Verdict
from pytest_energy.measurement.interleave import BlockReading
from pytest_energy.plugin.benchmark_fixture import MeasuredBenchmark
from pytest_energy.plugin.energy_session import Answer, EnergySession
from pytest_energy.plugin.stash import BENCHMARK_ANSWERS
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.result import Result
from pytest_energy.runner.confirmation import ONE_PROCESS_LOOKS
from pytest_energy.runner.in_process import Work
from pytest_energy.terms import PROCESSES_PER_BUDGET
from pytest_energy.workloads.suite import Overrides

FIXTURE = "benchmark"
"""Name of pytest-benchmark's fixture."""

_J_PER_KWH = 3.6e6


class BenchmarkTests:
    """A plugin beside pytest-benchmark; registered where that is active and a run measures."""

    def __init__(self, config: pytest.Config, energy_session: EnergySession) -> None:
        """Remember the session that measures; that of pytest-benchmark is made later."""
        self._session = energy_session
        self._config = config

    @property
    def _theirs(self) -> Any:
        """The session of pytest-benchmark: not documented, so tests pin what is used of it."""
        return self._config._benchmarksession  # type: ignore[attr-defined]  # noqa: SLF001

    def owes_verdict(self, item: pytest.Item) -> bool:
        """Whether a test is benchmarked in this run, and so measured."""
        return is_benchmark_test(item) and not (self._theirs.disabled or self._theirs.skip)

    def skips(self, item: pytest.Item) -> bool:
        """Whether pytest-benchmark's own options leave a test out."""
        return bool(self._theirs.skip) if is_benchmark_test(item) else bool(self._theirs.only)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        """Turn the fixture of a test into one that measures."""
        fixture = yield
        if fixturedef.argname == FIXTURE and _is_theirs(fixture) and not fixture.disabled:
            answers: list[Answer] = []
            request.node.stash[BENCHMARK_ANSWERS] = answers
            fixture.__class__ = MeasuredBenchmark
            cast("MeasuredBenchmark", fixture).energy_measure = partial(self._measure, request.node, answers)
        return fixture

    def show(self, answer: Answer, nodeid: str) -> None:
        """Put one of our benchmarks into pytest-benchmark's table and JSON."""
        if isinstance(answer, Verdict) and not (self._theirs.disabled or self._theirs.skip):
            self._theirs.benchmarks.append(_as_theirs(answer, nodeid))

    def _measure(self, item: pytest.Item, answers: list[Answer], work: Work) -> Mapping[str, object]:
        benchmark = Benchmark(name=item.nodeid, mode="callable", provider=None)
        looks = (1,) if isinstance(work, BlockReading) else ONE_PROCESS_LOOKS
        answer = self._session.run_callable(
            benchmark, work, Overrides(), item.nodeid, shares=PROCESSES_PER_BUDGET, looks=looks
        )
        answers.append(answer)
        return extra_info(answer)


def is_benchmark_test(item: pytest.Item) -> bool:
    """Whether a test uses pytest-benchmark's fixture, directly or by way of another one."""
    return FIXTURE in getattr(item, "fixturenames", ())


def _is_theirs(fixture: object) -> bool:
    """Whether a fixture really is pytest-benchmark's: that of pytest-codspeed says so when it is asked."""
    return issubclass(type(fixture), BenchmarkFixture)


def extra_info(answer: Answer) -> dict[str, object]:
    """Return figures as pytest-benchmark writes them into its JSON: plain numbers and texts."""
    if isinstance(answer, Unchanged):
        return {"energy_verdict": "UNCHANGED"}
    result = answer.result
    figures: dict[str, object] = {
        "energy_j": float(result.energy.energy_j),
        "carbon_g": float(result.score.operational_g),
        "energy_method": f"{result.energy.method} {result.energy.profile}",
        "energy_verdict": str(answer.kind),
    }
    if answer.change is not None:
        figures["energy_change"] = float(answer.change.point)
    return figures


def _as_theirs(verdict: Verdict, nodeid: str) -> Metadata:
    result = verdict.result
    metadata = Metadata(
        _Described(name=result.benchmark.id, fullname=nodeid, extra_info=extra_info(verdict)),
        iterations=result.samples[0].steps_per_block,
        options=_options(result),
    )
    for samples in result.samples:
        for duration_s in samples.step_duration_s:
            metadata.update(duration_s * metadata.iterations)
    return metadata


def _options(result: Result) -> dict[str, object]:
    """Return what pytest-benchmark tells of how it measured, as far as it applies."""
    rounds = [len(samples.step_duration_s) for samples in result.samples]
    return {
        "disable_gc": False,
        "timer": "perf_counter",
        "min_rounds": min(rounds),
        "max_time": 0.0,
        "min_time": 0.0,
        "warmup": True,
        "processes": len(rounds),
    }


class _Described:
    """What pytest-benchmark asks a fixture for when it describes a benchmark."""

    group = None
    param = None
    params = None
    cprofile_stats = None
    has_error = False

    def __init__(self, *, name: str, fullname: str, extra_info: Mapping[str, object]) -> None:
        self.name = name
        self.fullname = fullname
        self.extra_info = dict(extra_info)
