import statistics

import pytest

from pytest_energy.results.samples import ProcessSamples
from pytest_energy.statistics.process_estimate import estimate_process, feed_costs, undisturbed


def samples(**changes):
    parts = {
        "process": 0,
        "steps_per_block": 1,
        "step_cpu_s": (2.0, 90.0, 2.0),
        "step_duration_s": (3.0, 3.0, 95.0),
        "reference_cpu_s": (1.0, 1.0, 50.0),
    }
    return ProcessSamples(**(parts | changes))


def test_a_disturbed_round_is_ignored():
    estimate = estimate_process(samples())
    assert (estimate.cpu_s, estimate.duration_s, estimate.reference_cpu_s) == (2.0, 3.0, 1.0)


def test_the_cost_is_in_units_of_the_reference():
    assert estimate_process(samples(reference_cpu_s=(0.5, 0.5, 0.5))).cost == 4.0


def test_what_slows_step_and_reference_alike_leaves_the_cost_alone():
    slow = samples(step_cpu_s=(4.0, 180.0, 4.0), reference_cpu_s=(2.0, 2.0, 100.0))
    assert estimate_process(slow).cost == estimate_process(samples()).cost


def test_there_is_no_estimate_without_rounds():
    with pytest.raises(statistics.StatisticsError):
        estimate_process(samples(step_cpu_s=()))


@pytest.mark.parametrize(
    ("readings", "expected"),
    [([5.0], 5.0), ([3.0, 1.0, 2.0], 1.0), ([*range(1, 11)], 1.5), ([1.0] * 4 + [9.0] * 6, 1.0)],
)
def test_undisturbed_is_the_mean_of_the_lowest_fifth(readings, expected):
    assert undisturbed(readings) == expected


def test_half_of_the_blocks_may_be_disturbed():
    quiet = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 1.01, 1.0, 0.99]
    assert undisturbed([*quiet, *(2.0 for _ in quiet)]) == pytest.approx(undisturbed(quiet), rel=0.02)


def test_rounds_that_were_disturbed_are_left_out():
    read = samples(
        step_cpu_s=(1.0, 2.0, 2.0, 2.0), step_duration_s=(1.0,) * 4, reference_cpu_s=(0.5,) * 4, voided=(0,)
    )
    assert estimate_process(read).cpu_s == 2.0


def test_where_hardly_a_round_is_clean_all_are_used():
    read = samples(
        step_cpu_s=(1.0, 2.0, 2.0), step_duration_s=(1.0,) * 3, reference_cpu_s=(0.5,) * 3, voided=(0, 1)
    )
    assert estimate_process(read).cpu_s == 1.0


class TestFeeds:
    """Rounds take the feeds in turns; they may differ in what they cost."""

    def test_each_is_reduced_by_itself_and_their_mean_counts(self):
        turns = samples(
            step_cpu_s=(1.0, 3.0) * 6, step_duration_s=(2.0, 4.0) * 6, reference_cpu_s=(1.0,) * 12, feeds=2
        )
        estimate = estimate_process(turns)
        assert (estimate.cpu_s, estimate.duration_s, estimate.cost) == (2.0, 3.0, 2.0)
        assert feed_costs(turns) == (1.0, 3.0)

    def test_how_many_rounds_there_were_does_not_favour_any(self):
        odd = samples(step_cpu_s=(1.0, 3.0, 1.0), step_duration_s=(1.0, 3.0, 1.0), feeds=2)
        assert estimate_process(odd).cpu_s == 2.0

    def test_one_that_was_run_in_disturbed_rounds_only_still_counts(self):
        rounds = (1.0, 3.0, 1.0, 3.0, 1.0, 1.0, 1.0, 3.5)
        disturbed = samples(
            step_cpu_s=rounds,
            step_duration_s=rounds,
            reference_cpu_s=(1.0,) * 8,
            feeds=2,
            voided=(1, 3, 5, 7),
        )
        assert feed_costs(disturbed) == (1.0, 1.0)

    def test_one_that_had_no_turn_says_nothing(self):
        assert feed_costs(samples(step_cpu_s=(1.0, 2.0), step_duration_s=(1.0, 2.0), feeds=4)) == (1.0, 2.0)
