"""What cores draw while nothing arrives."""

from dataclasses import replace

import pytest

from pytest_energy.footprint.wait import wait_j
from pytest_energy.power.catalogue import all_profiles

# Four cores that draw 20 W together when idle: 5 W each.
FIRST = all_profiles()[0]
PROFILE = replace(
    FIRST,
    cpu=replace(FIRST.cpu, units=4, threads_per_unit=1),
    follows_threads=True,
    curve=((0.0, 20.0), (1.0, 60.0)),
)


def test_a_core_that_waits_draws_its_share_of_idle_power():
    assert wait_j(PROFILE, pace_s=0.1, cpu_s=0.02, threads=1) == pytest.approx(0.08 * 5.0)


def test_every_thread_keeps_a_core():
    assert wait_j(PROFILE, pace_s=0.1, cpu_s=0.02, threads=2) == pytest.approx(0.18 * 5.0)
    assert wait_j(PROFILE, pace_s=0.1, cpu_s=0.02, threads=99) == pytest.approx(0.38 * 5.0)


def test_a_core_that_spins_all_the_time_is_billed_as_busy_and_never_less_than_nothing():
    assert wait_j(PROFILE, pace_s=0.1, cpu_s=0.1, threads=1) == 0.0
    assert wait_j(PROFILE, pace_s=0.1, cpu_s=0.3, threads=1) == 0.0
