import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_energy.quantities import (
    Ceiling,
    MemorySize,
    format_change,
    format_memory,
    format_number,
    format_quantity,
    format_range,
    format_ratio,
    format_to,
    parse_agreement,
    parse_ceiling,
    parse_duration_s,
    parse_fraction,
    parse_memory,
)

DURATIONS = [("20 ms", 20e-3), ("1.5s", 1.5), ("500 us", 5e-4), ("500 \N{GREEK SMALL LETTER MU}s", 5e-4)]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_a_duration_is_read_in_seconds(text, seconds):
    assert parse_duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["20", "20 m", "20 min", "ms", "-1 ms", "0 s", "5000 s", "1e400 s", "20 mJ"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="duration"):
        parse_duration_s(text)


@pytest.mark.parametrize(
    ("text", "allowed"), [("1e-2", 0.01), ("0", 0.0), ("2%", 0.02), ("off", "off"), ("OFF ", "off")]
)
def test_an_agreement_is_a_fraction_or_off(text, allowed):
    assert parse_agreement(text) == allowed


@pytest.mark.parametrize("text", ["", "on", "-1", "1e400", "3 J"])
def test_what_is_no_agreement_is_refused(text):
    with pytest.raises(ValueError, match="fraction"):
        parse_agreement(text)


PREFIXES = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6}
positive = st.floats(min_value=1e-12, max_value=1e8, allow_nan=False)


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("5%", 0.05),
        ("5", 0.05),
        (" 5 % ", 0.05),
        ("0%", 0.0),
        ("0", 0.0),
        ("0.5%", 0.005),
        ("+150%", 1.5),
        (".5%", 0.005),
    ],
)
def test_a_percentage_is_read_as_a_fraction(text, fraction):
    assert parse_fraction(text) == pytest.approx(fraction)


@pytest.mark.parametrize(
    "text", ["", "%", "five", "5 J", "-5%", "1e999%", "nan%", "1.2.3%", ".", "5%%", "5 5%"]
)
def test_what_is_no_percentage_is_refused_with_the_text(text):
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_fraction(text)


def test_a_bare_fraction_is_refused_because_it_may_mean_two_things():
    with pytest.raises(ValueError, match=r"'0\.05' may mean 0\.05% or 5%"):
        parse_fraction("0.05")


@given(percent=st.floats(min_value=0, max_value=1e6, allow_subnormal=False))
def test_every_percentage_that_python_writes_is_read_back(percent):
    assert parse_fraction(f"{percent!r}%") == pytest.approx(percent / 100)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2 mJ", 2e-3, "J"),
        ("2mJ", 2e-3, "J"),
        ("40 ug", 40e-6, "g"),
        ("40 \N{MICRO SIGN}g", 40e-6, "g"),
        ("40 \N{GREEK SMALL LETTER MU}g", 40e-6, "g"),
        ("1e-3 J", 1e-3, "J"),
        ("3 kg", 3e3, "g"),
        ("5 MJ", 5e6, "J"),
        ("7 pg", 7e-12, "g"),
    ],
)
def test_a_ceiling_is_read_in_joules_or_grams(text, value, unit):
    assert parse_ceiling(text) == Ceiling(value=pytest.approx(value), unit=unit)


@pytest.mark.parametrize(
    "text", ["", "2", "2 W", "2 xJ", "mJ", "2 J/s", "2 %", "0 J", "-1 g", "1e999 J", "1.2.3 J"]
)
def test_what_is_no_ceiling_is_refused_with_the_text(text):
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        parse_ceiling(text)


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (None, None, "unknown"),
        (None, 0.1, "unknown"),
        (0.0, None, "0 J"),
        (1.234e-3, None, "1.23 mJ"),
        (123.4e-6, None, "123 uJ"),
        (9.996, None, "10.0 J"),
        (0.9996, None, "1.00 J"),
        (1500.0, None, "1.50 kJ"),
        (1e12, None, "1000000 MJ"),
        (-2.5e-3, None, "-2.50 mJ"),
        (1.234e-3, 0.02e-3, "1.23±0.02 mJ"),
        (1.234e-3, 0.2e-3, "1.2±0.2 mJ"),
        (123.4e-3, 20e-3, "120±20 mJ"),
        (1.0, 0.0996, "1.0±0.1 J"),
        (463e-6, 47e-6, "460±50 uJ"),
        (1.94e-3, 0.4e-3, "1.9±0.4 mJ"),
        (0.0, 0.3, "0±300 mJ"),
        (1.234, 0.0, "1.23±0.00 J"),
    ],
)
def test_a_quantity_has_no_more_digits_than_its_uncertainty_allows(value, uncertainty, text):
    assert format_quantity(value, "J", uncertainty) == text


@given(value=positive)
def test_a_written_quantity_is_read_back_to_three_digits(value):
    number, unit = format_quantity(value, "g").split()
    grams = 1e6 if unit == "t" else PREFIXES[unit.removesuffix("g")]
    assert float(number) * grams == pytest.approx(value, rel=0.005)
    assert len(number.replace(".", "").lstrip("0")) >= 3


@given(value=positive, share=st.floats(min_value=1e-6, max_value=1))
def test_what_is_written_differs_from_the_value_by_less_than_its_uncertainty(value, share):
    number, unit = format_quantity(value, "J", value * share).split()
    point, band = (float(part) * PREFIXES[unit.removesuffix("J")] for part in number.split("±"))
    assert abs(point - value) <= value * share
    assert band == pytest.approx(value * share, rel=0.5)


@given(value=positive)
def test_a_written_energy_is_a_ceiling_that_can_be_read(value):
    assert parse_ceiling(format_quantity(value, "J")).value == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.1234, "+12.3 %"), (-0.05, "-5.0 %"), (0.0, "+0.0 %"), (-0.0001, "+0.0 %"), (2.5, "+250.0 %")],
)
def test_a_change_is_written_with_its_sign(fraction, text):
    assert format_change(fraction) == text


@given(fraction=st.floats(min_value=-1, max_value=1e6))
def test_nothing_is_written_as_minus_zero(fraction):
    text = format_change(fraction)
    assert text != "-0.0 %"
    shown = float(text.removesuffix(" %").replace(",", "")) / 100
    assert math.isclose(shown, fraction, abs_tol=0.0005001 if fraction < 10 else 0.005001)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8GiB", MemorySize(size_bytes=8 << 30)),
        ("1.5 GB", MemorySize(size_bytes=1_500_000_000)),
        (" 500 MB ", MemorySize(size_bytes=500_000_000)),
        ("75%", MemorySize(share=0.75)),
        ("12 B", MemorySize(size_bytes=12)),
    ],
)
def test_an_amount_of_memory_is_read(text, size):
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["8", "8 gib", "0 MiB", "-1 GiB", "1e999 GiB", "GiB", "", "8 GiBs"])
def test_what_is_no_amount_of_memory_is_refused(text):
    with pytest.raises(ValueError, match=r"amount of memory|more than 0"):
        parse_memory(text)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1.02e+03 B"), (1 << 20, "1 MiB"), (3 << 29, "1.5 GiB")]
)
def test_an_amount_of_memory_is_written(size, text):
    assert format_memory(size) == text


@pytest.mark.parametrize(
    ("figures", "unit", "text"),
    [
        ((463e-6, 416e-6, 1.16e-3), "J", "460 (420 to 1160) uJ"),
        ((43.2e3, 39.4e3, 107e3), "g", "43 (39 to 107) kg"),
        ((93e3, 20e3, 380e3), "Wh", "90 (20 to 380) kWh"),
        ((1.2e6, 0.6e6, 2.4e6), "g", "1.2 (0.6 to 2.4) t"),
        ((245e3, 5e3, 613e3), "g", "200 (5 to 600) kg"),
        ((0.0, 0.0, 0.0), "g", "0 (0 to 0) g"),
    ],
)
def test_a_range_is_written_to_the_digit_that_its_nearer_end_allows(figures, unit, text):
    assert format_range(*figures, unit) == text


def test_a_figure_may_be_written_to_the_digit_of_an_uncertainty_that_is_told_elsewhere():
    assert format_to(93.6e3, "Wh", 9.3e3) == "94 kWh"
    assert format_to(463e-6, "J", 47e-6) == "460 uJ"


@pytest.mark.parametrize(
    ("value", "uncertainty", "fewest", "text"),
    [
        (2949.7, 0.0, 1, "2,950"),
        (2270.0, 570.0, 1, "2,300"),
        (2380.0, 1800.0, 1, "2,000"),
        (2380.0, 1800.0, 2, "2,400"),
        (128412.0, 9e5, 2, "130,000"),
        (6.93, 0.5, 1, "6.9"),
        (0.9996, 0.0, 1, "1.00"),
        (0.0, 0.0, 1, "0.00"),
    ],
)
def test_a_plain_number_has_the_digits_that_its_uncertainty_allows(value, uncertainty, fewest, text):
    assert format_number(value, uncertainty, fewest=fewest) == text


def test_a_change_beyond_tenfold_has_no_decimals():
    assert format_change(9.994) == "+999.4 %"
    assert format_change(2949.0) == "+294,900 %"
    assert format_change(-0.5, 0) == "-50 %"


@pytest.mark.parametrize(
    ("ratio", "text"), [(0.683, "0.68"), (1.0, "1"), (1.149, "1.1"), (118.0, "120"), (2950.0, "3,000")]
)
def test_a_ratio_has_two_digits_and_no_exponent(ratio, text):
    assert format_ratio(ratio) == text
