import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.statistics.trimmed import ratio_interval, spread, typical

COST = st.floats(min_value=1e-6, max_value=1e6)
GROUP = st.lists(COST, min_size=2, max_size=16)
CONFIDENCE = st.floats(min_value=0.5, max_value=0.999)


def close(value):
    return pytest.approx(value, rel=1e-6)


@given(st.lists(COST, min_size=1, max_size=16))
def test_the_typical_value_lies_among_the_values(values):
    assert min(values) * (1 - 1e-9) <= typical(values) <= max(values) * (1 + 1e-9)


@given(GROUP, GROUP, CONFIDENCE)
def test_an_interval_holds_its_point(after, before, confidence):
    interval = ratio_interval(after, before, confidence)
    assert 0 < interval.low <= interval.point <= interval.high < math.inf


@given(GROUP, GROUP, CONFIDENCE, st.floats(min_value=1e-3, max_value=1e3))
def test_the_unit_of_cost_does_not_matter(after, before, confidence, scale):
    plain = ratio_interval(after, before, confidence)
    scaled = ratio_interval([scale * cost for cost in after], [scale * cost for cost in before], confidence)
    assert (scaled.point, scaled.low, scaled.high) == (
        close(plain.point),
        close(plain.low),
        close(plain.high),
    )


@given(GROUP, GROUP, CONFIDENCE)
def test_exchanging_the_groups_inverts_the_interval(after, before, confidence):
    there = ratio_interval(after, before, confidence)
    back = ratio_interval(before, after, confidence)
    assert (back.point, back.low, back.high) == (
        close(1 / there.point),
        close(1 / there.high),
        close(1 / there.low),
    )


@given(GROUP, GROUP, CONFIDENCE, CONFIDENCE)
def test_more_confidence_needs_a_wider_interval(after, before, one, other):
    less, more = (ratio_interval(after, before, confidence) for confidence in sorted((one, other)))
    assert more.low <= less.low * (1 + 1e-9)
    assert more.high >= less.high * (1 - 1e-9)


@given(GROUP.flatmap(lambda group: st.tuples(st.just(group), st.permutations(group))), GROUP)
def test_the_order_of_processes_does_not_matter(orders, before):
    first, second = orders
    assert ratio_interval(first, before, 0.98) == ratio_interval(second, before, 0.98)


@given(GROUP, CONFIDENCE)
def test_a_spread_is_finite_and_never_negative(group, confidence):
    assert 0 <= spread(group, confidence) < math.inf


@given(st.lists(st.floats(min_value=0.99, max_value=1.01), min_size=5, max_size=16), COST)
def test_one_process_however_odd_cannot_move_the_estimate_far(values, odd):
    assert 0.97 < typical([*values, odd]) < 1.03
