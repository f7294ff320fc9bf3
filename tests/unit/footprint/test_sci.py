import pytest

from pytest_energy.footprint.carbon import intensity_of, user_intensity
from pytest_energy.footprint.embodied import embodied_choice
from pytest_energy.footprint.sci import sci_score


def test_the_score_is_energy_times_intensity_with_pue_on_energy():
    score = sci_score(3.6e6, user_intensity(100.0), 1.5)
    assert score.operational_g == pytest.approx(150.0)
    assert score.pue == 1.5


def test_embodied_emissions_are_unknown_and_not_zero():
    assert sci_score(1.0, intensity_of(None), 1.0).embodied_g is None


def test_embodied_emissions_are_those_of_the_time_and_the_share_that_is_reserved():
    server = embodied_choice("1000kg,lifetime=4,share=1/10").device
    score = sci_score(3.6e6, user_intensity(100.0), 1.0, server, duration_s=4 * 365.25 * 86_400 / 1000)
    assert score.embodied_g == pytest.approx(1000e3 / 1000 / 10)
    assert score.operational_g == pytest.approx(100.0)
    assert score.embodied.in_words == "device of the user's of 1000 kg over 4 years, 1/10 reserved"
