import pytest

from pytest_energy.errors import CarbonError
from pytest_energy.footprint.pue import pue_of


def test_a_number_is_a_number():
    mine = pue_of(" 1.25 ")
    assert (mine.value, mine.source, mine.in_words) == (1.25, "given by the user", "PUE 1.25")


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("aws", 1.14, "PUE 1.14 (Amazon Web Services 2025)"),
        ("Google", 1.09, "PUE 1.09 (Google Cloud 2025)"),
        ("microsoft", 1.17, "PUE 1.17 (Microsoft Azure 2025)"),
        ("uptime", 1.54, "PUE 1.54 (average data centre 2025)"),
        ("local", 1.0, "PUE 1 (home or office 2026)"),
        ("aws/eu-west-1", 1.11, "PUE 1.11 (aws/eu-west-1 2024)"),
        ("gcp/europe-west9", 1.09, "PUE 1.09 (Google Cloud 2025)"),
    ],
)
def test_an_operator_or_a_region_has_its_own(text, value, words):
    found = pue_of(text)
    assert (found.value, found.in_words) == (value, words)
    assert found.source


@pytest.mark.parametrize("text", ["0.9", "nan", "inf", "120", "-1"])
def test_a_number_that_no_building_has_is_refused(text):
    with pytest.raises(CarbonError, match="from 1 to 10"):
        pue_of(text)


@pytest.mark.parametrize(
    ("text", "offer"), [("asw", "aws"), ("aws/eu-west-11", "aws/eu-west-1"), ("nobody", "uptime")]
)
def test_an_unknown_name_offers_the_nearest(text, offer):
    with pytest.raises(CarbonError, match=offer):
        pue_of(text)
