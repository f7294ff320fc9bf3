"""Runs training steps in ONNX Runtime."""

import numpy as np
import onnxruntime
import pytest


class Loop:
    """Takes training steps, and keeps the states between them."""

    def __init__(self, step):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        self.step = step
        self.session = onnxruntime.InferenceSession(step.model.SerializeToString(), options)
        self.names = [output.name for output in self.session.get_outputs()]
        self.states = {state.input: np.asarray(state.initial) for state in step.states}

    def take(self, feeds, labels, **more):
        """Take one step and return its loss."""
        given = {**feeds, self.step.labels: labels, **self.step.hyperparameters, **self.states, **more}
        outputs = dict(zip(self.names, self.session.run(None, given), strict=True))
        self.states = {state.input: np.asarray(outputs[state.output]) for state in self.step.states}
        return float(outputs[self.step.loss])


@pytest.fixture
def loop():
    return Loop
