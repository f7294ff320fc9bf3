import pytest

from pytest_energy.footprint.carbon import intensity_of, user_intensity
from pytest_energy.footprint.sci import sci_score


def test_the_score_is_energy_times_intensity_with_pue_on_energy():
    score = sci_score(3.6e6, user_intensity(100.0), 1.5)
    assert score.operational_g == pytest.approx(150.0)
    assert score.pue == 1.5


def test_embodied_emissions_are_unknown_and_not_zero():
    assert sci_score(1.0, intensity_of(None), 1.0).embodied_g is None
