import pytest

from pytest_energy.footprint.equivalents import equivalents


def test_what_comes_to_the_same_is_counted_from_energy_and_from_emissions():
    found = {one.what: one for one in equivalents(kwh=0.93, kg=83.0)}
    assert found["l of water brought to the boil"].count == pytest.approx(10)
    assert found["km by car"].count == pytest.approx(83 / 0.249)
    assert found["seats on a flight London-New York"].count == pytest.approx(0.1)
    assert all(one.source for one in found.values())


@pytest.mark.parametrize(("kwh", "kg"), [(0.0, 0.0), (1e-9, 1e-9), (1e15, 1e15)])
def test_what_nobody_could_count_is_left_out_save_the_flight(kwh, kg):
    assert [one.what for one in equivalents(kwh, kg)] == ["seats on a flight London-New York"]
