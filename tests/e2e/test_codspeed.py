"""pytest-codspeed installed beside pytest-energy and pytest-benchmark, whose fixture it takes over.

What is used of it is its option, its variable and the name of its plugin: this runs with every version.
"""

import pytest

pytest.importorskip("pytest_codspeed", reason="pytest-codspeed is not installed")

TESTS = """
import pytest


def work(count=300):
    return sum(number * number for number in range(count))


def test_plain(benchmark):
    assert benchmark(work) == work()


@pytest.mark.benchmark
def test_marked():
    work()


def test_theirs(codspeed_benchmark):
    assert codspeed_benchmark(work) == work()


def test_ours(energy):
    energy.measure(work)


def test_ordinary():
    assert True
"""
FAST = ("--benchmark-max-time", "0.02", "--benchmark-min-rounds", "3")
SHORT = ("--codspeed", "--codspeed-warmup-time", "0", "--codspeed-max-time", "0.1")


@pytest.fixture
def suite(project, monkeypatch):
    monkeypatch.delenv("CODSPEED_ENV", raising=False)
    project.write("test_it.py", TESTS)
    return project


def test_a_plain_run_is_as_without_it(suite):
    suite.pytest("-W", "error", *FAST).assert_outcomes(passed=5)


def test_installed_beside_it_nothing_changes(suite):
    ran = suite.energy("-W", "error", *FAST)
    ran.assert_outcomes(passed=5)
    assert ran.ret == 0
    assert "2 benchmarks: 2 NEW" in suite.said(ran)


def test_alone_it_measures_as_it_always_did(suite):
    ran = suite.pytest(*SHORT)
    ran.assert_outcomes(passed=3, deselected=2)
    assert "3 benchmarked" in suite.said(ran)


def test_both_in_one_run_are_refused_with_what_to_do(suite):
    ran = suite.energy(*SHORT)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "--codspeed is given" in ran.stderr.str()
    assert "Run pytest twice, once for each" in ran.stderr.str()


def test_its_variable_means_what_its_option_does(suite, monkeypatch):
    monkeypatch.setenv("CODSPEED_ENV", "github")
    ran = suite.energy()
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "CODSPEED_ENV is set" in ran.stderr.str()
    suite.energy(*FAST, "-p", "no:codspeed", "-k", "ours").assert_outcomes(passed=1, deselected=4)
