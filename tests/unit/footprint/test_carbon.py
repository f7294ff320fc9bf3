import math
import tomllib
from importlib import resources

import pytest

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.carbon import (
    all_intensities,
    intensities_of,
    intensity_of,
    on_one_basis,
    user_intensity,
)
from pytest_energy.footprint.cloud import cloud_regions


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
        ("se3", "SE-SE3", "Stockholm, Sweden"),
        ("CN-SC", "CN-SC", "Sichuan, China"),
        ("aws/eu-west-1", "aws/eu-west-1", "Ireland"),
        ("Amazon/EU-West-1", "aws/eu-west-1", "Ireland"),
        ("azure/westeurope", "azure/westeurope", "Netherlands"),
        ("google/europe-west4", "gcp/europe-west4", "Eemshaven, Netherlands"),
    ],
)
def test_a_region_is_found_by_its_common_codes(written, code, place):
    intensity = intensity_of(written)
    assert (intensity.code, intensity.place) == (code, place)


@pytest.mark.parametrize("intensity", all_intensities(), ids=lambda one: f"{one.code}-{one.kind}")
def test_every_figure_has_a_year_a_basis_and_a_source(intensity):
    assert 1 < intensity.g_per_kwh < 1500
    assert 2019 <= intensity.year <= 2025
    assert intensity.kind in {"lifecycle", "direct", "operational"}
    assert intensity.source
    assert intensity in intensities_of(intensity.code)


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
    assert sum(code.startswith("CN-") for code in codes) == 30
    assert {"SE-SE1", "SE-SE4", "NO-NO5"} <= set(codes)
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
        ("eu-west-1", r"Did you mean aws/eu-west-1 \(Ireland\)\?"),
        ("aws/eu-west-9", r"aws/eu-west-\d \("),
        ("sichuan", r"CN-SC \(Sichuan, China\)"),
        ("aws/nowhere", r"region 'aws/nowhere'\. (Did|Write)"),
    ],
)
def test_an_unknown_region_offers_the_nearest_and_guesses_nothing(written, offer):
    with pytest.raises(CarbonError, match=offer):
        intensity_of(written)


def test_a_figure_of_ones_own_says_that_it_is():
    mine = user_intensity(40.5)
    assert (mine.g_per_kwh, mine.code, mine.year) == (40.5, "user", None)


@pytest.mark.parametrize("g_per_kwh", [-1.0, 2500.1, math.nan, math.inf, 1e9])
def test_a_figure_out_of_range_is_refused(g_per_kwh):
    with pytest.raises(CarbonError, match="0 or from 1 to 2500"):
        user_intensity(g_per_kwh)


@pytest.mark.parametrize(
    ("g_per_kwh", "meant"),
    [
        (0.458, "looks like kilograms: 0.458 kg are 458 g"),
        (458000.0, "looks like grams per megawatt-hour: 458000 g/MWh are 458 g/kWh"),
    ],
)
def test_a_slip_of_units_is_caught_in_both_directions(g_per_kwh, meant):
    with pytest.raises(CarbonError, match=meant):
        user_intensity(g_per_kwh)


def test_a_grid_that_emits_nothing_is_no_slip():
    assert user_intensity(0.0).g_per_kwh == 0


@pytest.mark.parametrize("code", cloud_regions())
def test_every_cloud_region_has_a_lifecycle_figure_and_it_holds_by_default(code):
    figure, *others = intensities_of(code)
    assert (figure.code, figure.kind) == (code, "lifecycle")
    assert len({one.kind for one in (figure, *others)}) == 1 + len(others)


def test_a_cloud_region_of_the_united_states_has_the_figure_of_its_subregion_too():
    lifecycle, direct, operational = intensities_of("gcp/us-east4")
    assert (lifecycle.g_per_kwh, lifecycle.place) == (384, "Northern Virginia, United States")
    assert (direct.kind, direct.g_per_kwh) == ("direct", 270.5)
    assert (operational.kind, operational.g_per_kwh) == ("operational", 323.05)


def chosen(*codes):
    figures = on_one_basis([intensities_of(code) for code in codes])
    return figures and [(one.kind, one.g_per_kwh) for one in figures]


def test_regions_are_compared_on_the_basis_that_all_have():
    assert chosen("US", "FR") == [("lifecycle", 384), ("lifecycle", intensity_of("FR").g_per_kwh)]
    assert {kind for kind, _ in chosen("aws/us-east-1", "aws/eu-west-1")} == {"lifecycle"}
    assert {kind for kind, _ in chosen("US-CA", "aws/us-east-1")} == {"direct"}


def test_of_several_bases_it_is_the_one_that_tells_regions_apart():
    assert chosen("aws/us-east-1", "aws/us-west-2") == [("direct", 270.5), ("direct", 288.2)]
    assert {kind for kind, _ in chosen("gcp/us-east4", "gcp/us-west1", "gcp/us-west4")} == {"operational"}


def test_where_no_basis_is_shared_nothing_is_compared():
    assert chosen("US-CA", "FR") is None
