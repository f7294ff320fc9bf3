"""Every gradient rule against central differences in float64, through every lowering."""

import runpy
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from pytest_energy.training.gradient_check import gradient_error
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.registry import differentiable

TOLERANCE = 1e-6

CASES = {
    name: case
    for path in sorted(Path(__file__).with_name("gradient_cases").glob("*.py"))
    for name, case in runpy.run_path(str(path))["CASES"].items()
}

OPERATORS = [
    operator
    for path in sorted(Path(__file__).parent.glob("double_precision*.py"))
    for operator in runpy.run_path(str(path))["OPERATORS"]
]
REFUSING = {"GRU", "LSTM"}  # ONNX Runtime loads them in double precision, and then does not run them


def run(model, feeds):
    """Run in ONNX Runtime, which lacks some kernels for doubles; ONNX's reference stands in for these."""
    return [np.asarray(array) for array in runner(model.SerializeToString())(dict(feeds))]


@lru_cache(maxsize=1)
def runner(model):
    """Return what runs a model; a check runs the same one again and again."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(model, options)
    except Exception as error:
        if "NOT_IMPLEMENTED" not in str(error):
            raise
        return in_reference(model)
    refuses = REFUSING & {node.op_type for node in onnx.load_from_string(model).graph.node}
    return in_reference(model) if refuses else partial(session.run, None)


def in_reference(model):
    return partial(ReferenceEvaluator(onnx.load_from_string(model), new_ops=OPERATORS).run, None)


@pytest.mark.parametrize("lowering", list(Lowering))
@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_central_differences(name, lowering):
    assert gradient_error(CASES[name], run, lowering) < TOLERANCE


def test_every_rule_has_a_case():
    covered = {(case.domain, case.operator) for case in CASES.values()}
    assert set(differentiable()) <= covered
