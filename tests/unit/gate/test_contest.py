from dataclasses import replace

import pytest

from pytest_energy.gate.contest import alone, contests
from pytest_energy.gate.differences import differences
from pytest_energy.gate.standing import Quantity, Way


@pytest.fixture
def way(result_of):
    """A factory: one way of running a model."""

    def make(name="net", cost=1.0, source="", reference_s=1e-3, **benchmark):
        result = result_of([cost, cost * 1.001, cost * 0.999], reference_s=reference_s)
        described = replace(result.benchmark, name=name, **({"model": f"{name}.onnx"} | benchmark))
        return Way(result=replace(result, benchmark=described), source=source)

    return make


def with_factors(way, **factors):
    return replace(way, result=replace(way.result, factors=replace(way.result.factors, **factors)))


def test_a_contest_is_between_the_ways_of_one_family_and_mode(way):
    ways = [
        way("net"), way("net-int8", 0.5), way("other"), way("test_int8", model=None, mode="callable"),
        way("test", model=None, mode="callable"),
    ]  # fmt: skip
    (contest,) = contests(ways)
    assert contest.name == "net"
    assert [each.result.benchmark.name for each in contest.ways] == ["net-int8", "net"]
    assert [each.result.benchmark.name for each in alone(ways)] == ["other", "test_int8", "test"]


def test_every_quantity_is_ranked_in_the_order_of_the_ways(way):
    (contest,) = contests([way(cost=2.0, provider="openvino"), way(cost=1.0)])
    assert {each.quantity for each in contest.rankings} == set(Quantity)
    assert [each.rank for each in contest.ranking(Quantity.ENERGY).standings] == [1, 2]


@pytest.mark.parametrize(
    ("other", "only"), [({"batch": 8}, True), ({"threads": 2}, False), ({"provider": "cuda"}, False)]
)
def test_mere_batches_are_told_from_other_ways(way, other, only):
    (contest,) = contests([way(), way(**other)])
    assert contest.of_batches_only is only


def test_a_batch_from_two_files_is_more_than_a_batch(way):
    (contest,) = contests([way(source="a"), way(source="b")])
    assert not contest.of_batches_only


def test_one_source_has_no_differences(way):
    assert differences([way(), with_factors(way("other"), onnxruntime="9")]) == ()


def test_what_differs_between_sources_is_named_the_machine_first(way, other_machine):
    here, there = way(source="a"), with_factors(way(source="b"), onnxruntime="1.32.0", model="f" * 64)
    there = replace(there, result=replace(there.result, environment=other_machine))
    found = differences([here, there])
    assert [each.name for each in found] == ["environment", "onnxruntime", "bytes of the model net"]
    assert found[1].values == {"a": "1.31.0", "b": "1.32.0"}
    assert found[2].values == {"a": "abd", "b": "f" * 10}


def test_a_machine_that_was_not_equally_quick_is_told(way):
    (found,) = differences([way(source="a"), way(source="b", reference_s=1.2e-3)])
    assert found.name.startswith("pace of the machine")
    assert found.values == {"a": "1.00 ms", "b": "1.20 ms"}
    assert differences([way(source="a"), way(source="b", reference_s=1.01e-3)]) == ()
