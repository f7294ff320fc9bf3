import sys
from types import SimpleNamespace

import numpy as np
import pytest

from pytest_energy.runtime.binding import Bound, all_finite, bound_outputs
from pytest_energy.runtime.device_memory import DeviceMemory


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


class Binding:
    """A binding that writes down what it is told."""

    def __init__(self, told):
        self.told = told

    def bind_cpu_input(self, name, _):
        self.told.append(("in", name, "cpu"))

    def bind_ortvalue_input(self, name, value):
        self.told.append(("in", name, value))

    def bind_output(self, name, place, number):
        self.told.append(("out", name, place, number))

    def synchronize_inputs(self):
        self.told.append("synchronise inputs")

    def synchronize_outputs(self):
        self.told.append("synchronise outputs")


class DeviceSession:
    """A session as ONNX Runtime's, without a device behind it."""

    def __init__(self, **outputs):
        self.told = []
        self._outputs = outputs

    def io_binding(self):
        return Binding(self.told)

    def get_inputs(self):
        return [SimpleNamespace(name="x", type="tensor(float)")]

    def get_outputs(self):
        return [SimpleNamespace(name=name, type=kind) for name, kind in self._outputs.items()]

    def run_with_iobinding(self, _):
        self.told.append("run")


@pytest.fixture
def ort_value(monkeypatch):
    """ONNX Runtime's values, which would need the device: only where they are put is kept."""
    values = SimpleNamespace(ortvalue_from_numpy=lambda _, place, number: (place, number))
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace(OrtValue=values))


FEEDS = {"x": np.zeros(2, np.float32)}
ON_DEVICE = DeviceMemory(name="cuda", number=1)


@pytest.mark.usefixtures("ort_value")
def test_inputs_and_outputs_are_bound_on_the_device_once():
    session = DeviceSession(y="tensor(float)")
    step = Bound(session, FEEDS, ON_DEVICE).step()
    step()
    step()
    assert session.told == [("in", "x", ("cuda", 1)), ("out", "y", "cuda", 1), "run", "run"]


@pytest.mark.usefixtures("ort_value")
def test_an_output_that_is_no_tensor_stays_on_the_host():
    session = DeviceSession(y="tensor(float)", scores="seq(map(int64,tensor(float)))")
    Bound(session, FEEDS, ON_DEVICE)
    assert session.told[1:] == [("out", "y", "cuda", 1), ("out", "scores", "cpu", 0)]


@pytest.mark.usefixtures("ort_value")
def test_copies_are_part_of_a_step_where_they_are_asked_for():
    session = DeviceSession(y="tensor(float)")
    step = Bound(session, FEEDS, transfer=True).step()
    session.told.clear()
    step()
    step()
    assert session.told == [("in", "x", "cpu"), "run"] * 2


@pytest.mark.usefixtures("ort_value")
def test_the_device_is_waited_for():
    session = DeviceSession(y="tensor(float)")
    bound = Bound(session, FEEDS, ON_DEVICE)
    session.told.clear()
    bound.synchronize()
    assert session.told == ["synchronise inputs", "synchronise outputs"]
