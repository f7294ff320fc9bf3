import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.footprint.band import Banded, total
from pytest_energy.footprint.wall import SUPPLY, WHOLE, above_idle, at_the_wall

banded = st.builds(
    Banded.by_factors, st.floats(1e-3, 1e3), low=st.floats(0.1, 1.0), high=st.floats(1.0, 10.0)
)


@given(st.lists(banded, min_size=1, max_size=5))
def test_a_sum_has_a_narrower_band_than_all_ends_together(parts):
    whole = total(parts)
    assert whole.value == pytest.approx(sum(one.value for one in parts))
    assert sum(one.low for one in parts) <= whole.low * (1 + 1e-9) + 1e-9
    assert whole.high <= sum(one.high for one in parts) * (1 + 1e-9)
    assert whole.low <= whole.value * (1 + 1e-9) <= whole.high * (1 + 2e-9)


@given(banded, banded)
def test_a_product_has_a_wider_band_than_either_factor(one, other):
    both = one.times(other)
    assert both.value == pytest.approx(one.value * other.value)
    for each in (one, other):
        assert both.high / both.value >= each.high / each.value * (1 - 1e-9)
        assert both.low / both.value <= each.low / each.value * (1 + 1e-9)


def test_a_figure_that_may_be_nothing_makes_a_product_that_may_be_nothing():
    assert Banded(value=1, low=0, high=2).times(SUPPLY).low == 0


def test_nothing_adds_up_to_nothing():
    assert total(()) == Banded(value=0, low=0.0, high=0)


def test_at_the_wall_there_is_more_than_at_the_sensors():
    sensors = Banded.by_factors(100.0, 0.8, 1.3)
    wall = at_the_wall(sensors)
    assert wall.value == pytest.approx(100 * WHOLE.value)
    assert wall.low < 80 * 1.35 < wall.value < 130 * 1.35 < wall.high


def test_what_was_metered_idle_is_certain_and_what_load_adds_is_not():
    wall = above_idle(115.0, Banded.by_factors(200.0, 0.5, 1.5))
    assert wall.value == pytest.approx(115 + 200 * SUPPLY.value)
    assert wall.low > 115
