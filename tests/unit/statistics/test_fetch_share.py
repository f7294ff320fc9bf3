"""The part of a step that goes into making what it is fed."""

import pytest

from pytest_energy.results.samples import ProcessSamples
from pytest_energy.statistics.fetch_share import fetch_cpu_share, fetch_duration_share


def samples(**fields):
    rounds = {
        "step_cpu_s": (2.0, 4.0, 2.0, 2.0),
        "step_duration_s": (4.0, 8.0, 4.0, 4.0),
        "reference_cpu_s": (1.0,) * 4,
    }
    return ProcessSamples(process=0, steps_per_block=1, **rounds | fields)


def test_it_is_unknown_where_what_is_fed_lies_ready():
    assert fetch_cpu_share(samples()) is None
    assert fetch_duration_share(samples()) is None


def test_it_is_the_median_of_the_shares_of_rounds():
    made = samples(fetch_cpu_s=(0.5, 1.0, 0.5, 1.0), fetch_duration_s=(0.4, 0.8, 0.4, 0.4))
    assert fetch_cpu_share(made) == pytest.approx(0.25)
    assert fetch_duration_share(made) == pytest.approx(0.1)


def test_disturbed_rounds_do_not_count():
    made = samples(fetch_cpu_s=(0.5, 0.0, 1.0, 0.5), fetch_duration_s=(0.0,) * 4, voided=(1,))
    assert fetch_cpu_share(made) == pytest.approx(0.25)


def test_it_is_a_part_however_the_clock_ticks():
    made = samples(fetch_cpu_s=(2.1, 4.1, 2.1, 2.1), fetch_duration_s=(0.0,) * 4)
    assert fetch_cpu_share(made) == 1.0
