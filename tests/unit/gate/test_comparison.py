import pytest

from pytest_energy.gate.comparison import compare

CONFIDENCE = 0.98


def test_costs_are_compared_in_units_of_the_reference(result_of, baseline_of):
    # The machine runs at half its pace: CPU time doubles, the cost does not.
    slow = result_of([1.0, 1.01, 0.99, 1.0], reference_s=2e-3)
    comparison = compare(slow, baseline_of([1.0, 1.01, 0.99, 1.0]), CONFIDENCE)
    assert comparison.by_reference
    assert comparison.change.point == pytest.approx(0.0)
    assert comparison.change.low < 0 < comparison.change.high
    assert comparison.remarks == ()


def test_latency_is_compared_beside_it(result_of, baseline_of):
    comparison = compare(result_of([1.0, 1.01], latency=3.0), baseline_of([1.0, 1.01]), CONFIDENCE)
    assert comparison.change.point == pytest.approx(0.0)
    assert comparison.latency.point == pytest.approx(2.0)


def test_one_process_gives_a_point_without_an_interval(result_of, baseline_of):
    change = compare(result_of([1.2]), baseline_of([1.0, 1.0, 1.0]), CONFIDENCE).change
    assert change.point == pytest.approx(0.2)
    assert (change.low, change.high, change.confidence) == (None, None, None)


def test_another_reference_on_the_same_machine_leaves_plain_cpu_time(result_of, baseline_of, other_reference):
    result = result_of([1.0, 1.0], reference_s=3e-3, factors=other_reference)
    comparison = compare(result, baseline_of([3.0, 3.0]), CONFIDENCE)
    assert not comparison.by_reference
    assert comparison.change.point == pytest.approx(0.0)
    assert "the reference changed (sgemm-320 blas -> sgemm-320 another-blas)" in comparison.remarks[0]


def test_another_machine_is_compared_by_the_reference_alone(result_of, baseline_of, other_machine):
    result = result_of([1.0, 1.0], reference_s=5e-3, environment=other_machine)
    comparison = compare(result, baseline_of([1.0, 1.0]), CONFIDENCE)
    assert comparison.other_environment
    assert comparison.change.point == pytest.approx(0.0)
    assert comparison.latency is None


def test_another_machine_with_another_reference_cannot_be_compared(
    result_of, baseline_of, other_machine, other_reference
):
    result = result_of([1.0, 1.0], environment=other_machine, factors=other_reference)
    comparison = compare(result, baseline_of([1.0, 1.0]), CONFIDENCE)
    assert comparison.change is None
    assert "the reference is another" in comparison.remarks[0]
