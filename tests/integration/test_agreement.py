"""Agreement with the real CPU provider.

No provider that computes garbage is at hand, so one is played: the session of the model runs another model's
weights, as a faulty kernel would in effect. All else is real: sessions, feeds, outputs and the comparison.
"""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import AgreementError
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.loaded import load
from pytest_energy.runtime.verification import compared_with_cpu


@pytest.fixture
def written(tmp_path):
    """A factory: write a model that multiplies its input by a factor."""

    def write(name, factor):
        x, y = (helper.make_tensor_value_info(each, TensorProto.FLOAT, ["n", 4]) for each in "xy")
        weight = numpy_helper.from_array(np.array([factor], np.float32), "w")
        graph = helper.make_graph([helper.make_node("Mul", ["x", "w"], ["y"])], "g", [x], [y], [weight])
        path = tmp_path / f"{name}.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
        return path

    return write


def compared(runs, stands_for, **options):
    """Load one model, and compare its outputs with those of another."""
    loaded = load(Subject(model=str(runs), provider="cpu", batch=2, threads=1), 0, SystemClock())
    subject = replace(loaded.subject, model=str(stands_for), **options)
    return compared_with_cpu(replace(loaded, subject=subject))


def test_what_computes_the_same_agrees(written):
    model = written("same", 2.0)
    found = compared(model, model)
    assert (found.output, found.deviation, found.outputs) == ("y", 0.0, 1)


def test_garbage_does_not_pass(written):
    with pytest.raises(AgreementError, match=r"the output 'y' deviates by 0\.5 of its largest entry"):
        compared(written("wrong", 1.0), written("right", 2.0))


def test_a_lower_precision_passes_where_it_is_allowed(written):
    wrong, right = written("rough", 2.01), written("right", 2.0)
    with pytest.raises(AgreementError):
        compared(wrong, right)
    assert compared(wrong, right, agreement=1e-2).deviation == pytest.approx(5e-3, rel=1e-3)


def test_what_is_not_to_be_compared_is_not(written):
    assert compared(written("wrong", 1.0), written("right", 2.0), agreement="off") is None
