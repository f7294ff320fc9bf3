import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.environment import Environment, Machine
from pytest_energy.power.calibrated_profile import Occasion, profile_text
from pytest_energy.power.calibration import LoadStep, fit_curve
from pytest_energy.power.meters.replay import ReplayMeter
from pytest_energy.power.profile_file import parse_profiles

MACHINE = Machine(
    environment=Environment(
        os="linux",
        arch="x86_64",
        cpu='a "quoted" CPU',
        cpu_model="1-2",
        logical_cpus=8,
        isa=(),
        virtual=False,
    ),
    physical_cores=4,
    memory_gib=16.0,
    vendor=None,
    product=None,
)


def step(busy, power_w, *, is_curve=True, name="compute", duration_s=1.0, memory_w=None):  # noqa: PLR0913
    return LoadStep(
        name=name,
        is_curve=is_curve,
        busy_cores=busy,
        power_w=power_w,
        duration_s=duration_s,
        memory_w=memory_w,
    )


def test_the_curve_goes_through_steps_that_rise():
    fitted = fit_curve([step(0, 10), step(1, 25), step(2, 34), step(4, 48)], 4)
    assert fitted.curve == ((0, 10), (0.25, 25), (0.5, 34), (1, 48))
    assert all(one.ratio == pytest.approx(1) for one in fitted.residuals)
    assert fitted.band == (0.95, 1.05)
    assert fitted.extrapolated_from is None


def test_steps_that_fall_are_pooled_by_how_long_they_took():
    fitted = fit_curve([step(0, 10), step(1, 32, duration_s=3), step(2, 28), step(4, 48)], 4)
    assert fitted.curve == ((0, 10), (0.25, 31), (0.5, 31), (1, 48))


def test_a_load_that_is_off_the_curve_widens_the_band():
    fitted = fit_curve([step(0, 10), step(4, 50), step(4, 60, is_curve=False, name="memory")], 4)
    assert fitted.curve == ((0, 10), (1, 50))
    assert fitted.band == (0.95, 1.2)


def test_where_not_all_cores_were_busy_the_curve_goes_on_as_it_rose():
    fitted = fit_curve([step(0, 10), step(1, 20), step(2, 28)], 4)
    assert fitted.curve[-1] == (1, pytest.approx(44))
    assert fitted.extrapolated_from == 0.5


@given(
    st.lists(st.tuples(st.floats(0.05, 4), st.floats(1, 300)), min_size=1, max_size=9),
    st.floats(0.5, 300),
)
def test_whatever_was_metered_becomes_a_profile_that_can_be_used(points, idle_w):
    steps = [step(0, idle_w), *(step(busy, watts) for busy, watts in points)]
    fitted = fit_curve(steps, 4)
    text = profile_text("here", fitted, occasion())
    tables = parse_profiles(text, "the file")
    assert len(tables["calibration"]["steps"]) == len(steps)


def occasion():
    return Occasion(machine=MACHINE, cores=4, meter=ReplayMeter(readings=[]), date="2026-02-03", version="1")


def test_the_file_holds_residuals_and_what_memory_drew():
    steps = [step(0, 10, memory_w=2.0), step(4, 50, memory_w=4.0), step(4, 55, is_curve=False, memory_w=8.0)]
    told = tomllib.loads(profile_text("here", fit_curve(steps, 4), occasion()))
    assert told["cpu"] == {"model": 'a "quoted" CPU', "unit": "core", "units": 4, "threads_per_unit": 2}
    assert told["power"]["source"] == ["replayed, 2026-02-03, profiles calibrate"]
    assert told["memory"]["w_per_gib"] == 0.25
    assert told["memory"]["band"] == [pytest.approx(0.1125), pytest.approx(0.55)]
    off = told["calibration"]["steps"][-1]
    assert (off["on_curve"], off["measured_w"], off["fitted_w"]) == (False, 55, 50)
