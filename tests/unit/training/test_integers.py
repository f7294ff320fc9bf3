import numpy as np
import pytest
from onnx import helper, numpy_helper

from pytest_energy.training.integers import constant_result


def folded(node, **arrays):
    tensors = {name: numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()}
    made = constant_result(node, tensors, 18)
    return None if made is None else numpy_helper.to_array(made).tolist()


@pytest.mark.parametrize(
    ("operator", "arrays", "expected"),
    [
        ("Add", {"a": [1, 2], "b": 3}, [4, 5]),
        ("Mod", {"a": [-1], "b": 3}, [2]),
        ("Reshape", {"a": 7, "b": [-1]}, [7]),
        ("Gather", {"a": [4, 5, 6], "b": 1}, 5),
    ],
)
def test_arithmetic_on_integers_is_done(operator, arrays, expected):
    assert folded(helper.make_node(operator, ["a", "b"], ["c"]), **arrays) == expected


def test_one_input_may_be_used_twice():
    assert folded(helper.make_node("Mul", ["a", "a"], ["c"]), a=[3]) == [9]


@pytest.mark.parametrize(
    ("operator", "arrays"),
    [
        ("Add", {"a": [1]}),
        ("Add", {"a": [1.0], "b": [2.0]}),
        ("Add", {"a": np.arange(65), "b": [1]}),
        ("BitShift", {"a": [1], "b": [2]}),
    ],
)
def test_what_is_unknown_floating_long_or_no_arithmetic_stays(operator, arrays):
    assert folded(helper.make_node(operator, ["a", "b"], ["c"]), **arrays) is None


def test_integers_that_become_floats_stay():
    assert folded(helper.make_node("Cast", ["a"], ["c"], to=1), a=[1]) is None
