import numpy as np
import onnx.parser
import pytest
from onnx import numpy_helper

from pytest_energy.graphs.graph_view import taken_branches
from pytest_energy.graphs.plan import plan_inputs
from pytest_energy.graphs.reader import symbolic_view

HEAD = '<ir_version: 9, opset_import: ["" : 18, "com.microsoft" : 1]>\n'


class Planned:
    """The plan of a model, and its inputs by name."""

    def __init__(self, made, batch):
        self.plan, self.sized = plan_inputs(symbolic_view(taken_branches(made)), batch)
        self.inputs = {each.name: each for each in self.plan.inputs}
        self.sizes = {each.key: each.candidates for each in self.plan.sizes}

    def fill(self, name):
        return self.inputs[name].fill

    def reason(self, name):
        return self.inputs[name].reason

    def shape(self, name):
        return tuple(
            self.sizes[size][0] if isinstance(size, str) else size for size in self.inputs[name].shape
        )


@pytest.fixture
def parsed():
    """A factory: a model from ONNX's text form, with weights by name; those of a bare shape are zeros."""

    def parse(text, **weights):
        made = onnx.parser.parse_model(HEAD + text)
        for name, array in weights.items():
            full = np.zeros(array, np.float32) if isinstance(array, tuple) else np.asarray(array)
            made.graph.initializer.append(numpy_helper.from_array(full, name))
        return made

    return parse


@pytest.fixture
def planned(parsed):
    """A factory: plan the inputs of a model in ONNX's text form."""

    def plan(text, batch=1, **weights):
        return Planned(parsed(text, **weights), batch)

    return plan


@pytest.fixture
def planned_model():
    """A factory: plan the inputs of a model."""
    return lambda made, batch=1: Planned(made, batch)
