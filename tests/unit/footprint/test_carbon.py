import math
import tomllib
from importlib import resources

import pytest

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.carbon import all_intensities, intensity_of, user_intensity


def test_without_a_region_the_world_average_stands_in():
    world = intensity_of(None)
    assert (world.g_per_kwh, world.year, world.code, world.place) == (458.0, 2025, "WORLD", "world average")


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("FR", "FR", "France"),
        ("fra", "FR", "France"),
        (" uk ", "GB", "United Kingdom"),
        ("CA", "CA", "Canada"),
        ("us-ca", "US-CA", "California, US"),
        ("us_ca", "US-CA", "California, US"),
        ("CA-QC", "CA-QC", "Québec, Canada"),
        ("camx", "US-CAMX", "eGRID CAMX, California and Mexico"),
        ("US-CAMX", "US-CAMX", "eGRID CAMX, California and Mexico"),
        ("eu-27", "EU", "European Union"),
        ("world", "WORLD", "world average"),
    ],
)
def test_a_region_is_found_by_its_common_codes(written, code, place):
    intensity = intensity_of(written)
    assert (intensity.code, intensity.place) == (code, place)


@pytest.mark.parametrize("intensity", all_intensities(), ids=lambda one: one.code)
def test_every_figure_has_a_year_a_basis_and_a_source(intensity):
    assert 0 < intensity.g_per_kwh < 1500
    assert 2019 <= intensity.year <= 2025
    assert intensity.basis.startswith(("lifecycle", "direct"))
    assert intensity.source
    assert intensity_of(intensity.code) is intensity


def test_no_code_stands_for_two_places():
    data = resources.files("pytest_energy.footprint").joinpath("carbon.toml").read_text(encoding="utf-8")
    codes = [
        code for group in tomllib.loads(data)["group"] for row in group["regions"] for code in row[0].split()
    ]
    assert len(codes) == len(set(codes))


def test_all_states_and_provinces_are_there():
    codes = [intensity.code for intensity in all_intensities()]
    states = [code for code in codes if code.startswith("US-") and len(code) == 5]
    assert (len(states), sum(code.startswith("CA-") for code in codes)) == (51, 13)
    assert sum(len(code) == 2 for code in codes) > 200


def test_a_state_is_on_another_basis_than_its_country_and_says_so():
    assert intensity_of("US").basis.startswith("lifecycle")
    assert intensity_of("US-CA").basis.startswith("direct")


@pytest.mark.parametrize(
    ("written", "offer"),
    [
        ("TX", r"'TX'\. Did you mean US-TX \(Texas, US\)\?"),
        ("QC", r"CA-QC \(Québec, Canada\)\?"),
        ("Germny", r"DE \(Germany\)\?"),
        ("Georgia", r"GE \(Georgia\) or US-GA \(Georgia, US\)\?"),
        ("CA-QB", r"CA-QC"),
        ("", r"region ''\. Write an ISO 3166 code"),
    ],
)
def test_an_unknown_region_offers_the_nearest_and_guesses_nothing(written, offer):
    with pytest.raises(CarbonError, match=offer):
        intensity_of(written)


def test_a_figure_of_ones_own_says_that_it_is():
    mine = user_intensity(40.5)
    assert (mine.g_per_kwh, mine.code, mine.year) == (40.5, "user", None)


@pytest.mark.parametrize("g_per_kwh", [-1.0, 2500.1, math.nan, math.inf])
def test_a_figure_out_of_range_is_refused(g_per_kwh):
    with pytest.raises(CarbonError, match="from 0 to 2500"):
        user_intensity(g_per_kwh)
