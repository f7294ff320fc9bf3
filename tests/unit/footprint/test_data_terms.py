import pytest

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.data_terms import moved, stored


def test_keeping_a_terabyte_for_a_year_takes_its_watts_for_a_year():
    assert stored("1TB").kwh(1) == pytest.approx(1.2 * 8766 / 1000)
    assert stored("2 tb : hdd").kwh(0.5) == pytest.approx(0.65 * 8766 / 1000)


def test_moving_a_gigabyte_depends_on_the_network():
    assert moved("1MB").kwh(1000) == pytest.approx(0.06)
    assert moved("1GB:datacentre").kwh(1) == pytest.approx(0.001)
    assert moved("0B").kwh(1e9) == 0


@pytest.mark.parametrize("text", ["", "50", "GB", "-5GB", "1e999GB", "1.2.3GB", "5GB:tape", "5 GiB"])
def test_what_is_no_data_is_refused_with_the_form(text):
    with pytest.raises(CarbonError, match="50GB or 2TB:hdd"):
        stored(text)


def test_an_unknown_network_is_refused():
    with pytest.raises(CarbonError, match="internet or datacentre"):
        moved("1MB:pigeon")
