import sys

import pytest

from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.runner.in_process import sample_callable

SHORT = Plan(time_s=0.01, block_s=1e-4)


def test_a_callable_is_sampled_here_as_process_0():
    called = []
    sampled = sample_callable(lambda: called.append(1), SHORT, SystemClock(), seed=1)
    assert called
    assert sampled.samples.process == 0
    assert len(sampled.samples.step_cpu_s) >= SHORT.least_rounds
    assert sampled.placement is None


def test_its_factors_name_what_runs_it(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("HOMEPAGE", "none of our business")
    factors = sample_callable(lambda: None, SHORT, SystemClock(), seed=1).factors
    assert factors.model is None
    assert factors.python == ".".join(map(str, sys.version_info[:3]))
    assert factors.variables["OMP_NUM_THREADS"] == "3"
    assert "HOMEPAGE" not in factors.variables


def test_what_the_callable_raises_is_the_tests_own_failure():
    def broken():
        raise KeyError("label")

    with pytest.raises(KeyError, match="label"):
        sample_callable(broken, SHORT, SystemClock(), seed=1)
