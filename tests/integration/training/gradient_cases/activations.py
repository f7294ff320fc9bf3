"""Cases of activation functions."""

import numpy as np

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(3)
normal = random.standard_normal


def apart():
    """Return numbers that are nowhere near 0, 1, 2.5 or 3, where activations have kinks."""
    return random.choice([-4, -2, -1.5, -0.5, 0.5, 1.5, 2.0, 4.0], (3, 4)) + random.uniform(-0.2, 0.2, (3, 4))


def on(operator, x=None, opset=18, **attributes):
    return Case(operator=operator, inputs=(apart() if x is None else x,), attributes=attributes, opset=opset)


CASES = {
    "Relu": on("Relu"),
    "LeakyRelu": on("LeakyRelu", alpha=0.2),
    "ThresholdedRelu": on("ThresholdedRelu", alpha=1.0),
    "PRelu": Case(operator="PRelu", inputs=(apart(), normal(4))),
    "PRelu with one slope": Case(operator="PRelu", inputs=(apart(), normal((1,)))),
    "Elu": on("Elu", alpha=0.7),
    "Selu": on("Selu"),
    "HardSigmoid": on("HardSigmoid"),
    "HardSwish": on("HardSwish"),
    "Gelu": on("Gelu", opset=20),
    "Gelu by tanh": on("Gelu", opset=20, approximate="tanh"),
    "Mish": on("Mish"),
    "Swish": on("Swish", opset=24, alpha=1.5),
    "Softmax": on("Softmax", normal((2, 3, 4)), axis=1),
    "Softmax by default": on("Softmax", normal((2, 3, 4))),
    "LogSoftmax": on("LogSoftmax", normal((2, 3, 4)), axis=1),
    "Dropout": on("Dropout"),
}
