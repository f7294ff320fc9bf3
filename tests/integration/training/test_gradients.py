"""Every gradient rule against central differences in float64, through every lowering."""

import runpy
from pathlib import Path

import numpy as np
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

OPERATORS = runpy.run_path(str(Path(__file__).with_name("double_precision.py")))["OPERATORS"]


def run(model, feeds):
    """Run in ONNX Runtime, which lacks some kernels for doubles; ONNX's reference stands in for these."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    except Exception as error:
        if "NOT_IMPLEMENTED" not in str(error):
            raise
        return [
            np.asarray(array) for array in ReferenceEvaluator(model, new_ops=OPERATORS).run(None, dict(feeds))
        ]
    return [np.asarray(array) for array in session.run(None, dict(feeds))]


@pytest.mark.parametrize("lowering", list(Lowering))
@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_central_differences(name, lowering):
    assert gradient_error(CASES[name], run, lowering) < TOLERANCE


def test_every_rule_has_a_case():
    covered = {(case.domain, case.operator) for case in CASES.values()}
    assert set(differentiable()) == covered
