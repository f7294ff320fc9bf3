from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.footprint.carbon import intensity_of
from pytest_energy.footprint.energy import core_power_w, estimate_energy, marginal_core_power_w
from pytest_energy.power.catalogue import all_profiles, profile_named
from pytest_energy.results.energy import Pins

GENERIC = profile_named("generic-cpu")
RUNNER = profile_named("github-x64-4vcpu")
# Eight cores of two threads each; the curve is concave, as those of real processors are.
DESKTOP = replace(
    GENERIC,
    id="desktop",
    cpu=replace(GENERIC.cpu, units=8, threads_per_unit=2),
    follows_threads=True,
    curve=((0.0, 8.0), (0.125, 24.0), (0.5, 48.0), (1.0, 64.0)),
)
PINS = Pins(profile="github-x64-4vcpu", core_power_w=2.0, intensity=intensity_of(None), pue=1.0)


def estimate(**changed):
    given_ = {
        "cpu_s": 0.010,
        "duration_s": 0.005,
        "random_fraction": 0.02,
        "profile": RUNNER,
        "pins": PINS,
        "memory_gib": 16.0,
        "threads": 2,
    }
    return estimate_energy(**(given_ | changed))


@pytest.mark.parametrize("threads", [1, 2, 4, 64])
def test_a_vcpu_draws_its_share_of_a_full_host_whatever_the_threads(threads):
    assert core_power_w(RUNNER, threads) == pytest.approx(254.0 / 128)


@pytest.mark.parametrize(
    ("threads", "watts"),
    [
        (1, 8 / 8 + 16 / 1),  # one busy core carries one eighth of the idle power, and all that its load adds
        (4, 8 / 8 + 40 / 4),
        (8, 64 / 8),
        (16, 64 / 16),  # two threads on each core: a CPU-second keeps half a core busy
        (99, 64 / 16),  # only sixteen can run at once
    ],
)
def test_a_busy_core_carries_its_share_of_idle_and_of_what_load_adds(threads, watts):
    assert core_power_w(DESKTOP, threads) == pytest.approx(watts)


@given(st.integers(1, 8))
def test_busy_and_idle_cores_together_draw_what_the_curve_says(threads):
    idle_w = DESKTOP.power_w(0.0)
    billed_w = threads * core_power_w(DESKTOP, threads)
    assert billed_w + (8 - threads) * idle_w / 8 == pytest.approx(DESKTOP.power_w(threads / 8))


@given(
    profile=st.sampled_from(all_profiles()),
    cpu_s=st.floats(1e-9, 1e3),
    factor=st.floats(0.1, 10),
    threads=st.integers(1, 64),
)
def test_energy_changes_exactly_as_cpu_time_does(profile, cpu_s, factor, threads):
    pins = replace(PINS, core_power_w=core_power_w(profile, threads))
    one = estimate(profile=profile, pins=pins, cpu_s=cpu_s, threads=threads)
    other = estimate(profile=profile, pins=pins, cpu_s=cpu_s * factor, threads=threads)
    assert other.energy_j / one.energy_j == pytest.approx(factor)


def test_energy_is_cpu_time_at_the_pinned_power_with_both_bands_apart():
    energy = estimate()
    assert energy.energy_j == pytest.approx(0.020)
    assert energy.random_j == pytest.approx(0.0004)
    assert (energy.systematic_low, energy.systematic_high) == (0.9, 2.5)
    assert (energy.method, energy.profile) == ("modelled", "github-x64-4vcpu")


def test_memory_is_a_part_of_its_own_and_follows_wall_time():
    energy = estimate(threads=2)
    assert energy.parts_j == pytest.approx({"cpu": 0.020, "dram": 16 * 2 / 4 * 0.38 * 0.005})
    assert estimate(duration_s=0.5).energy_j == energy.energy_j


@pytest.mark.parametrize("profile", [RUNNER, DESKTOP, GENERIC], ids=lambda profile: profile.id)
def test_more_threads_than_cores_carry_no_more_than_all_memory(profile):
    energy = estimate(profile=profile, threads=64)
    assert energy.parts_j["dram"] == pytest.approx(16 * 0.38 * 0.005)


def test_what_is_unknown_stays_unknown():
    energy = estimate(random_fraction=None, memory_gib=None)
    assert energy.random_j is None
    assert energy.parts_j["dram"] is None


@pytest.mark.parametrize(
    ("profile", "threads", "watts"),
    [
        (DESKTOP, 1, 16),  # what one busy core adds
        (DESKTOP, 4, 40 / 4),
        (DESKTOP, 16, 56 / 16),
        (RUNNER, 1, (254.0 - 53.9) / 128),
        (RUNNER, 4, (254.0 - 53.9) / 128),
    ],
)
def test_marginal_power_is_without_any_idle_power(profile, threads, watts):
    assert marginal_core_power_w(profile, threads) == pytest.approx(watts)


@given(profile=st.sampled_from(all_profiles()), threads=st.integers(1, 600))
def test_what_is_marginal_is_part_of_what_is_attributed(profile, threads):
    assert 0 <= marginal_core_power_w(profile, threads) <= core_power_w(profile, threads) * (1 + 1e-12)


def test_an_estimate_tells_what_of_it_is_marginal():
    assert estimate().marginal_j == pytest.approx(0.010 * (254.0 - 53.9) / 128)
