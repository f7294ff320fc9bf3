from types import SimpleNamespace

import numpy as np
import pytest

from pytest_energy.runtime.binding import all_finite, bound_outputs


class Value:
    """An output as ONNX Runtime holds it."""

    def __init__(self, array=None, *, tensor=True):
        self._array, self._tensor = array, tensor

    def is_tensor(self):
        return self._tensor

    def numpy(self):
        if self._array is None:
            raise RuntimeError("No corresponding Numpy type for Tensor Type.")
        return self._array


def read(**values):
    session = SimpleNamespace(get_outputs=lambda: [SimpleNamespace(name=name) for name in values])
    return bound_outputs(session, SimpleNamespace(get_outputs=lambda: list(values.values())))


def test_outputs_come_by_name():
    outputs = read(a=Value(np.ones(2)), b=Value(np.zeros(3)))
    assert {name: array.shape for name, array in outputs.items()} == {"a": (2,), "b": (3,)}


def test_what_numpy_cannot_hold_is_left_out():
    assert list(read(maps=Value(tensor=False), bfloat16=Value(), logits=Value(np.ones(2)))) == ["logits"]


def test_strings_come_as_strings_not_as_objects():
    assert read(label=Value(np.array(["cat", "ox"], dtype=object)))["label"].dtype.kind == "U"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_value_is_found(dtype, bad):
    array = np.zeros((2, 2), dtype)
    assert all_finite({"y": array})
    array[1, 1] = bad
    assert not all_finite({"x": np.zeros(1), "y": array})


@pytest.mark.parametrize("array", [np.array([1, 2]), np.array([True]), np.array(["a"]), np.zeros((0, 3))])
def test_what_cannot_be_infinite_is_finite(array):
    assert all_finite({"y": array})


def test_no_outputs_are_finite():
    assert all_finite({})
