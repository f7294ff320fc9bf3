import pytest

from pytest_energy.gate.verdict import Change
from pytest_energy.reports.difference import tied, told


def change(point, low=None, high=None):
    return Change(point=point, low=low, high=high, confidence=0.98)


@pytest.mark.parametrize(
    ("point", "low", "high", "text"),
    [
        (0.189, 0.128, 0.253, "+18.9 % [+12.8..+25.3]"),
        (-0.569, -0.946, 2.459, "-57 % [-95..+246]"),
        (1.0, 0.9, 1.1, "2.0 times [1.9..2.1]"),
        (343.9, 151.2, 781.3, "340 times [150..780]"),
        (1.28e5, 5.93e4, 2.75e5, "130,000 times [59,000..280,000]"),
        (4.64, 0.19, 25.6, "5.6 times [1.2..27]"),
    ],
)
def test_a_difference_has_the_digits_that_its_interval_bears(point, low, high, text):
    assert told(change(point, low, high)) == text


def test_from_double_on_it_is_a_factor_with_or_without_an_interval():
    assert told(change(0.999)) == "+99.9 % [unknown]"
    assert told(change(2949.0)) == "2,950 times [unknown]"


def test_a_tie_shows_its_interval_only():
    assert tied(change(0.0, -0.482, 1.132)) == "tie [-48..+113]"
    assert tied(change(4.64, -0.2, 25.6)) == "tie [0.80..27 times]"
    assert tied(change(0.3)) == "tie [unknown]"
