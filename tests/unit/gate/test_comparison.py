from dataclasses import replace

import pytest

from pytest_energy.gate.comparison import compare, compare_pair

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


def on_device(made):
    """The same as if a device had done the work: costs are wall times."""
    processes = tuple(replace(one, cost=one.duration_s) for one in made.processes)
    return replace(made, factors=replace(made.factors, signal="device"), processes=processes)


def test_work_on_a_device_is_compared_by_its_wall_time(result_of, baseline_of):
    # The processor spends the same on both; the device takes 20 % longer.
    result = on_device(result_of([1.0] * 4, latency=1.2))
    comparison = compare(result, on_device(baseline_of([1.0] * 12)), CONFIDENCE)
    assert comparison.change.point == pytest.approx(0.2)
    assert comparison.latency == comparison.change


def test_pairs_on_a_device_are_compared_by_wall_time(result_of, baseline_of):
    result = on_device(result_of([1.0] * 4, latency=1.2))
    comparison = compare_pair(result, on_device(baseline_of([1.0] * 4)), CONFIDENCE)
    assert comparison.change.point == pytest.approx(0.2)


def test_another_reference_does_not_matter_to_a_device(result_of, baseline_of, other_reference):
    result = on_device(result_of([1.0] * 4))
    baseline = on_device(replace(baseline_of([1.0] * 12), factors=other_reference))
    assert compare(result, baseline, CONFIDENCE).by_reference


def test_devices_of_other_machines_cannot_be_compared(result_of, baseline_of, other_machine):
    baseline = replace(on_device(baseline_of([1.0] * 12)), environment=other_machine)
    comparison = compare(on_device(result_of([1.0] * 4)), baseline, CONFIDENCE)
    assert comparison.change is None
    assert comparison.other_environment


def test_work_that_moved_to_a_device_cannot_be_compared(result_of, baseline_of):
    comparison = compare(on_device(result_of([1.0] * 4)), baseline_of([1.0] * 12), CONFIDENCE)
    assert comparison.change is None
    assert "the work moved between processor and device" in comparison.remarks[0]
