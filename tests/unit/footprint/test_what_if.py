from dataclasses import replace

import pytest

from pytest_energy.footprint.carbon import intensity_of, user_intensity
from pytest_energy.footprint.data_terms import moved, stored
from pytest_energy.footprint.embodied import embodied_choice
from pytest_energy.footprint.pue import pue_of
from pytest_energy.footprint.roofline import StepWork, peaks
from pytest_energy.footprint.what_if import Demand, Hardware, Place, by_basis, footprint, on_accelerator
from pytest_energy.power.catalogue import any_profile

CPU = Hardware(
    name="cpu",
    method="modelled",
    energy_j=3.6,
    low=0.5,
    high=2.0,
    duration_s=0.1,
    embodied=None,
)
HERE = Place(name="here", intensity=user_intensity(100.0), pue=pue_of("1.5"))
YEAR = Demand(requests_per_day=1e6 / 365.25, years=1.0)


def test_requests_times_joules_is_energy_and_with_pue_and_intensity_emissions():
    row = footprint(CPU, HERE, YEAR)
    assert row.compute_kwh == pytest.approx(1.0)
    assert row.operational_g == pytest.approx(150.0)
    assert (row.embodied_g, row.stored_g, row.moved_g, row.water_l) == (None,) * 4
    assert row.total_g == row.operational_g
    assert row.band_g(YEAR) == pytest.approx((75.0, 300.0))


def test_twice_the_years_are_twice_of_everything():
    demand = replace(YEAR, stored=(stored("1TB"),), moved=moved("1kB"))
    server = replace(CPU, embodied=embodied_choice("server").device)
    one, two = (footprint(server, HERE, replace(demand, years=years)) for years in (1.0, 2.0))
    assert two.total_g == pytest.approx(2 * one.total_g)
    for part in ("operational_g", "embodied_g", "stored_g", "moved_g"):
        assert getattr(two, part) == pytest.approx(2 * getattr(one, part))


def test_storage_is_in_the_building_and_the_network_is_not():
    demand = replace(YEAR, stored=(stored("1TB"), stored("1TB:hdd")), moved=moved("1kB:datacentre"))
    row = footprint(CPU, HERE, demand)
    assert row.stored_g == pytest.approx((1.2 + 0.65) * 8.766 * 150)
    assert row.moved_g == pytest.approx(1e6 * 1e3 / 1e9 * 0.001 * 100)
    assert row.total_g == pytest.approx(row.operational_g + row.stored_g + row.moved_g)
    low, high = row.band_g(demand)
    assert low < row.total_g < high


def test_embodied_emissions_follow_the_time_of_the_steps_and_have_a_band_of_their_own():
    row = footprint(replace(CPU, embodied=embodied_choice("1000kg,lifetime=4").device), HERE, YEAR)
    assert row.embodied_g == pytest.approx(1e6 * 1e6 * 0.1 / (4 * 365.25 * 86_400))
    assert row.band_g(YEAR)[1] == pytest.approx(300 + 2 * row.embodied_g)


def test_water_is_known_where_the_operator_tells_it():
    assert footprint(CPU, replace(HERE, water_l_per_kwh=0.5), YEAR).water_l == pytest.approx(0.5)


def on(name, work, precision, *, made):
    return on_accelerator(any_profile(name), peaks()[name], work, precision, made=made)


def test_an_accelerator_is_a_lower_bound_and_says_so():
    l4 = on("nvidia-l4", StepWork(macs=1e9, bytes=1e6), "float32", made=True)
    assert l4.least
    assert "lower bound" in l4.method
    assert l4.embodied.kg == 124
    assert l4.energy_j == pytest.approx(l4.duration_s * any_profile("nvidia-l4").power_w(1.0))
    assert on("nvidia-l4", StepWork(macs=1, bytes=1), "int8", made=False).embodied is None
    assert on("nvidia-a10", StepWork(macs=1, bytes=1), "int8", made=True).embodied is None


def test_rows_on_different_bases_are_never_in_one_comparison():
    places = [replace(HERE, name=code, intensity=intensity_of(code)) for code in ("FR", "US-CA", "DE")]
    rows = [footprint(CPU, place, YEAR) for place in places]
    groups = [(kind, [row.place.name for row in group]) for kind, group in by_basis(rows)]
    assert groups == [("lifecycle", ["FR", "DE"]), ("direct", ["US-CA"])]
