import pytest

from pytest_energy.power.brand import hides_model, names_model, plain_brand


@pytest.mark.parametrize(
    ("brand", "plain"),
    [
        ("Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz", "Intel Xeon Platinum 8370C"),
        ("13th Gen Intel(R) Core(TM) i9-13900K", "13th Gen Intel Core i9-13900K"),
        ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763 64-Core Processor"),
    ],
)
def test_marks_and_clock_rates_are_no_part_of_a_name(brand, plain):
    assert plain_brand(brand) == plain


@pytest.mark.parametrize(
    ("brand", "model", "named"),
    [
        ("AMD EPYC 7763 64-Core Processor", "EPYC 7763", True),
        ("AMD EPYC 7763P", "EPYC 7763", False),
        ("Intel(R) Xeon(R) Platinum 8480+", "Xeon Platinum 8480+", True),
        ("Apple M1", "Apple M1", True),
        ("Apple M1 Max", "Apple M1", False),
    ],
)
def test_a_model_is_named_as_whole_words(brand, model, named):
    assert names_model(brand, model) is named


@pytest.mark.parametrize(
    ("brand", "hidden"),
    [
        ("AMD EPYC", True),
        ("AMD EPYC-Rome Processor", True),
        ("Intel(R) Xeon(R) Processor @ 2.90GHz", True),
        ("AMD EPYC 9V74 80-Core Processor", False),
        ("AMD EPYC 7B13", False),
    ],
)
def test_virtual_machines_hide_the_model(brand, hidden):
    assert hides_model(brand) is hidden
