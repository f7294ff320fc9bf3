"""Tests of pytest-benchmark under ``--energy``, and our benchmarks in its table and JSON.

What is used of pytest-benchmark beyond its hooks is pinned by ``TestContract``: it runs with every version.
"""

import json
import math

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.stats import Metadata

TESTS = """
import pytest

CALLS = {"setup": 0, "once": 0}


def work(count=300):
    return sum(number * number for number in range(count))


def test_plain(benchmark):
    assert benchmark(work) == work()


@pytest.mark.benchmark(group="squares")
@pytest.mark.parametrize("count", [10, 20])
def test_group(benchmark, count):
    benchmark(work, count)


def test_pedantic(benchmark):
    assert benchmark.pedantic(work, args=(50,), rounds=5, iterations=3) == work(50)


def test_setup(benchmark):
    def setup():
        CALLS["setup"] += 1
        return ([],), {}

    def fill(numbers):
        assert numbers == []
        numbers.extend(range(100))

    benchmark.pedantic(fill, setup=setup, rounds=4)


def test_once(benchmark):
    def once():
        CALLS["once"] += 1
        return CALLS["once"]

    assert benchmark.pedantic(once) == 1
    assert CALLS["once"] == 1


def test_ordinary():
    assert True
"""
FAST = ("--benchmark-max-time", "0.02", "--benchmark-min-rounds", "3", "--energy-time", "0.4")
BENCHMARKED = 6


@pytest.fixture
def suite(project):
    project.write("test_it.py", TESTS)
    return project


def figures(project, name="b.json"):
    written = json.loads((project.folder / name).read_text())["benchmarks"]
    return {one["fullname"]: one for one in written}


def test_they_get_energy_in_our_table_and_in_their_json(suite):
    ran = suite.energy("test_it.py", *FAST, "--benchmark-json", "b.json")
    ran.assert_outcomes(passed=7)
    assert f"{BENCHMARKED} benchmarks: {BENCHMARKED} NEW" in suite.said(ran)
    written = figures(suite)
    assert len(written) == BENCHMARKED
    for one in written.values():
        info = one["extra_info"]
        assert isinstance(info["energy_j"], float)
        assert math.isfinite(info["energy_j"])
        assert info["energy_j"] > 0
        assert info["carbon_g"] > 0
        assert info["energy_verdict"] == "NEW"
        assert info["energy_method"].startswith("modelled ")


def test_they_are_judged_by_the_rule_for_one_process(suite):
    suite.energy("test_it.py", "-k", "plain", *FAST, "--energy-update").assert_outcomes(passed=1)
    same = suite.energy("test_it.py", "-k", "plain", *FAST, "--energy-tolerance", "300%")
    same.assert_outcomes(passed=1)
    suite.write("test_it.py", TESTS.replace("count=300", "count=30000"))
    dearer = suite.pytest("--energy", "test_it.py", "-k", "plain", *FAST)
    dearer.assert_outcomes(failed=1)
    assert "REGRESSED: energy per step +" in suite.said(dearer)
    assert "tolerance +15.0 %" in " ".join(suite.said(dearer).split())


def test_what_may_run_only_once_is_in_doubt_at_most(suite):
    suite.energy("test_it.py", "-k", "once", *FAST, "--energy-update").assert_outcomes(passed=1)
    slow = TESTS.replace('CALLS["once"] += 1', 'CALLS["once"] += 1\n        work(300_000)')
    suite.write("test_it.py", slow)
    ran = suite.energy("test_it.py", "-k", "once", *FAST)
    ran.assert_outcomes(passed=1)
    assert "INCONCLUSIVE" in suite.said(ran)


def test_models_stand_in_their_table_and_json_and_can_be_compared(suite):
    suite.model()
    first = suite.energy("small.onnx", *FAST, "--benchmark-json", "b.json", "--benchmark-save=first")
    assert "small--cpu-b1" in suite.said(first)
    (one,) = figures(suite).values()
    assert one["fullname"] == "small.onnx::small--cpu-b1"
    assert one["stats"]["rounds"] > 10
    assert 0 < one["stats"]["min"] <= one["stats"]["median"] < 1
    assert one["extra_info"]["energy_j"] > 0
    second = suite.energy("small.onnx", *FAST, "--benchmark-compare")
    assert "small--cpu-b1 (NOW)" in suite.said(second)
    assert "small--cpu-b1 (0001_first)" in suite.said(second)


class TestTheirOptions:
    def test_disabled_they_run_once_and_owe_no_verdict(self, suite):
        suite.model()
        ran = suite.energy("small.onnx", "test_it.py", *FAST, "--benchmark-disable")
        ran.assert_outcomes(passed=8)
        assert "1 benchmark: 1 NEW" in suite.said(ran)

    def test_skipped_they_owe_no_verdict(self, suite):
        suite.write("test_ours.py", "def test_ours(energy):\n    energy.measure(lambda: sum(range(100)))\n")
        ran = suite.energy(*FAST, "--benchmark-skip")
        ran.assert_outcomes(passed=2, skipped=BENCHMARKED)
        assert ran.ret == 0
        assert "1 benchmark: 1 NEW" in suite.said(ran)

    def test_only_benchmarks_are_ours_too(self, suite):
        suite.model()
        suite.write("test_ours.py", "def test_ours(energy):\n    energy.measure(lambda: sum(range(100)))\n")
        paths = ("small.onnx", "test_it.py", "test_ours.py")
        ran = suite.energy(*paths, "-k", "small or plain or ours", *FAST, "--benchmark-only")
        ran.assert_outcomes(passed=2, skipped=1, deselected=6)
        assert ran.ret == 0
        assert "2 benchmarks: 2 NEW" in suite.said(ran)

    def test_without_the_plugin_nothing_is_missing(self, project):
        project.model()
        ran = project.energy("small.onnx", "-p", "no:benchmark", "--energy-time", "0.4")
        ran.assert_outcomes(passed=1)


def test_a_plain_run_leaves_them_alone(suite):
    ran = suite.pytest("test_it.py", *FAST[:4], "--benchmark-json", "b.json")
    ran.assert_outcomes(passed=7)
    assert all(one["extra_info"] == {} for one in figures(suite).values())


class TestContract:
    """pytest-benchmark beyond its hooks."""

    def test_the_session_and_what_is_asked_of_it(self, request):
        session = request.config._benchmarksession
        assert isinstance(session.benchmarks, list)
        assert {session.disabled, bool(session.skip), bool(session.only)} <= {True, False}

    def test_a_fixture_may_change_its_class(self, benchmark):
        class Other(BenchmarkFixture):
            pass

        benchmark.__class__ = Other
        assert isinstance(benchmark.extra_info, dict)
        assert benchmark.disabled in {True, False}
        assert benchmark(lambda: 7) == 7

    def test_metadata_describes_what_no_fixture_measured(self):
        class Described:
            name, fullname, group, param, params = "a", "b::a", None, None, None
            extra_info, cprofile_stats, has_error = {"energy_j": 1.0}, None, False

        metadata = Metadata(Described(), iterations=2, options={})
        metadata.update(4.0)
        written = metadata.as_dict()
        assert (written["name"], written["fullname"], written["extra_info"]) == (
            "a",
            "b::a",
            {"energy_j": 1.0},
        )
        assert (written["stats"]["mean"], written["stats"]["iterations"]) == (2.0, 2)
