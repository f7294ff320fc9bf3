"""Recurrent layers and scans in double precision; ONNX's reference has neither lengths nor directions."""

import numpy as np
from onnx.reference.op_run import OpRun
from onnx.reference.ops.op_scan import Scan as ForwardScan


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Recurrent(OpRun):
    """Goes step by step; behind its end a sequence keeps its states and puts out zeros."""

    def _run(self, *inputs, **attributes):
        x, w, r, b, lengths, h, c = (*inputs, *[None] * 4)[:7]
        hidden, (steps, batch) = r.shape[2], x.shape[:2]
        lengths = np.full(batch, steps) if lengths is None else lengths
        y = np.zeros((steps, len(w), batch, hidden))
        ends = np.zeros((2, len(w), batch, hidden))
        for way in range(len(w)):
            biases = np.split(np.zeros(2 * w.shape[1]) if b is None else b[way], 2)
            now = [np.zeros((batch, hidden)) if each is None else each[way] for each in (h, c)]
            backwards = attributes["direction"] == "reverse" or way == 1
            for t in reversed(range(steps)) if backwards else range(steps):
                real = (t < lengths)[:, None]
                new = self.step((x[t], w[way], biases[0]), (now[0], r[way], biases[1]), now[1])
                y[t, way] = np.where(real, new[0], 0)
                now = [np.where(real, *pair) for pair in zip(new, now, strict=True)]
            ends[:, way] = now
        return (y, *ends)[: len(self.onnx_node.output)]

    def step(self, given, state, cell):
        """Return the states after one step."""
        raise NotImplementedError


def product(factors):
    value, weight, bias = factors
    return value @ weight.T + bias


class RNN(Recurrent):
    """With tanh."""

    def step(self, given, state, cell):
        return np.tanh(product(given) + product(state)), cell


class GRU(Recurrent):
    """With the reset gate before or after the product."""

    def step(self, given, state, cell):
        h, weight, bias = state
        (a_z, a_r, a_g), (b_z, b_r, b_g) = (np.split(product(each), 3, axis=1) for each in (given, state))
        z, reset = sigmoid(a_z + b_z), sigmoid(a_r + b_r)
        early = product((reset * h, *(np.split(each, 3)[2] for each in (weight, bias))))
        return (1 - z) * np.tanh(a_g + (reset * b_g if self.linear_before_reset else early)) + z * h, cell


class LSTM(Recurrent):
    """Without peepholes."""

    def step(self, given, state, cell):
        i, o, f, g = np.split(product(given) + product(state), 4, axis=1)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(cell), cell


class Scan(ForwardScan):
    """In both directions, all tensors in the same."""

    def __init__(self, node, params):
        OpRun.__init__(self, node, params)
        self.backwards = bool(self.scan_input_directions) and self.scan_input_directions[0] == 1
        self.scan_input_directions = self.scan_output_directions = None
        self.input_axes_ = [0] * self.num_scan_inputs
        self.input_names, self.output_names = self.body.input_names, self.body.output_names

    def _run(self, *inputs, **more):
        carried = len(inputs) - self.num_scan_inputs
        turned = [each[::-1] if self.backwards else each for each in inputs[carried:]]
        outputs = super()._run(*inputs[:carried], *turned, **more)
        ends = [each[::-1] if self.backwards else each for each in outputs[carried:]]
        return (*outputs[:carried], *ends)


OPERATORS = [GRU, LSTM, RNN, Scan]
