import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.power.generic_model import (
    accelerator_evidence,
    accelerator_model,
    cpu_evidence,
    cpu_model,
    fit_accelerator,
    fit_cpu,
)


def test_the_model_of_processors_is_the_middle_of_its_evidence():
    model, full = cpu_model(), [one.full for one in cpu_evidence()]
    assert math.log(model.full) == pytest.approx(sum(map(math.log, full)) / len(full))
    assert model.share(1.0) == pytest.approx(model.full)
    assert model.share(0.0) == 0.12


@pytest.mark.parametrize("device", [one.device for one in cpu_evidence()])
def test_leaving_one_processor_out_moves_full_load_by_little(device):
    without = fit_cpu([one for one in cpu_evidence() if one.device != device])
    assert without.full == pytest.approx(cpu_model().full, rel=0.08)


def test_the_band_holds_nine_of_ten_processors_that_were_left_out():
    inside = 0
    for one in cpu_evidence():
        model = fit_cpu([other for other in cpu_evidence() if other is not one])
        low, high = model.band(1.0)
        inside += low <= one.full / model.full <= high
    assert inside >= 9


@given(st.floats(0, 1), st.floats(0, 1), st.floats(1, 1000))
def test_power_never_falls_with_load(one, other, rated_w):
    low, high = sorted((one, other))
    model = cpu_model()
    assert model.share(low) <= model.share(high)
    assert list(model.curve(rated_w)) == sorted(model.curve(rated_w))


def test_the_shape_is_less_sure_at_part_load():
    full, half = cpu_model().band(1.0), cpu_model().band(0.5)
    assert half[0] < full[0] < 1 < full[1] < half[1]


@pytest.mark.parametrize("device", [one.device for one in accelerator_evidence()])
def test_leaving_one_accelerator_out_moves_the_model_by_little(device):
    without = fit_accelerator([one for one in accelerator_evidence() if one.device != device])
    assert without.saturated == pytest.approx(accelerator_model().saturated, rel=0.08)


def test_an_accelerator_draws_idle_power_and_what_utilisation_adds():
    model = accelerator_model()
    assert model.power_w(300, 60, 0.0) == 60
    assert model.power_w(300, 60, 1.0) == pytest.approx(300 * model.saturated)
    half = model.power_w(300, 60, 0.5)
    assert half == pytest.approx((60 + 300 * model.saturated) / 2)
    assert model.power_w(300, 290, 1.0) == 290  # idle evidence above the model never makes work negative


def test_no_board_is_said_to_draw_much_more_than_it_is_rated_for():
    low, high = accelerator_model().band(utilisation_known=True, ceiling=1.0)
    assert (low < 0.9, high) == (True, 1.05)
    assert accelerator_model().band(utilisation_known=True, ceiling=0.5)[1] == 1.0
