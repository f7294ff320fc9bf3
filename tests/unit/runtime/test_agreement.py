"""How far outputs are from each other, and what is allowed."""

import numpy as np
import pytest

from pytest_energy.errors import AgreementError
from pytest_energy.results.agreement import Agreement
from pytest_energy.runtime.agreement import agreement, deviation, is_quantized, require_agreement

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("array", "expected", "by"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.1], [1.0, 2.0], 0.05),
        ([1e-9, 2.0], [0.0, 2.0], 5e-10),
        ([-4.0, 1.0], [-4.0, 3.0], 0.5),
        ([0.1, 0.0], [0.0, 0.0], 0.1),
        ([NAN, 2.0], [NAN, 2.0], 0.0),
        ([INF, 2.0], [INF, 1.0], 1.0),
        ([INF], [INF], 0.0),
        ([NAN, 2.0], [1.0, 2.0], INF),
        ([1.0, 2.0], [NAN, 2.0], INF),
        ([INF], [-INF], INF),
        ([1.0], [INF], INF),
        ([], [], 0.0),
    ],
)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_deviation_is_relative_to_the_largest_entry(array, expected, by, dtype):
    found = deviation(np.array(array, dtype), np.array(expected, dtype))
    assert found == pytest.approx(by, rel=2e-2, abs=1e-7)


def test_another_shape_or_type_is_as_far_as_can_be():
    ones = np.ones((2, 3), np.float32)
    assert deviation(ones, ones.T) == INF
    assert deviation(ones, ones.astype(np.float64)) == INF


def test_whole_numbers_beyond_what_a_float_holds_do_not_overflow():
    assert deviation(np.array([255, 0], np.uint8), np.array([254, 255], np.uint8)) == pytest.approx(1.0)


@pytest.mark.parametrize(("words", "by"), [(["ox", "a"], 0.0), (["ox", "cat"], INF), (["ox"], INF)])
def test_text_is_equal_or_not(words, by):
    assert deviation(np.array(words), np.array(["ox", "a"])) == by


def compared(array, expected, **options):
    options = {"tolerance": None, "quantized": False} | options
    return agreement({"y": array}, {"y": expected}, **options)


@pytest.mark.parametrize(
    ("dtype", "allowed"),
    [("float64", 1e-6), ("float32", 1e-3), ("float16", 1e-2), ("int8", 5e-2), ("int64", 0.0), ("bool", 0.0)],
)
def test_what_is_allowed_depends_on_the_type(dtype, allowed):
    ones = np.ones(3, dtype)
    assert compared(ones, ones).tolerance == allowed


def test_a_model_with_quantized_operators_may_deviate_more_but_not_in_what_is_exact():
    floats, labels = np.ones(3, np.float32), np.ones(3, np.int64)
    assert compared(floats, floats, quantized=True).tolerance == 5e-2
    assert compared(labels, labels, quantized=True).tolerance == 0.0


def test_what_the_user_allows_holds_for_every_output():
    labels = np.ones(3, np.int64)
    assert compared(labels, labels, tolerance=0.2).tolerance == 0.2


def test_the_output_that_is_nearest_to_its_tolerance_is_told():
    outputs = {"exact": np.array([1]), "loose": np.array([1.02], np.float16), "tight": np.array([1.0 + 5e-6])}
    expected = {"exact": np.array([1]), "loose": np.array([1.0], np.float16), "tight": np.array([1.0])}
    found = agreement(outputs, expected, tolerance=None, quantized=False)
    assert (found.output, found.outputs) == ("tight", 3)


def test_a_wrong_label_outweighs_everything():
    found = agreement(
        {"a": np.array([1.5]), "label": np.array([3])},
        {"a": np.array([1.0]), "label": np.array([4])},
        tolerance=None,
        quantized=False,
    )
    assert found.output == "label"


def test_where_nothing_can_be_compared_nothing_is_said():
    assert agreement({}, {}, tolerance=None, quantized=False) is None
    require_agreement(None, "provider")


def test_garbage_is_refused_with_the_output_and_by_how_much():
    found = Agreement(output="logits", deviation=0.734, tolerance=1e-3, outputs=2)
    with pytest.raises(AgreementError, match=r"'logits' deviates by 0\.73 of its largest entry, and 0\.001"):
        require_agreement(found, "FastExecutionProvider")


def test_what_lies_within_the_tolerance_passes():
    require_agreement(Agreement(output="y", deviation=1e-3, tolerance=1e-3, outputs=1), "provider")


@pytest.mark.parametrize(
    ("op_types", "quantized"),
    [
        (["Conv", "Relu"], False),
        (["Conv", "QLinearConv"], True),
        (["MatMulInteger"], True),
        (["DynamicQuantizeLinear"], True),
        (["DequantizeLinear", "MatMul"], True),
        ([], False),
    ],
)
def test_quantized_operators_are_known_by_their_names(op_types, quantized):
    assert is_quantized(op_types) is quantized
