"""Cases of operators that work on each element."""

import numpy as np

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(1)
normal = random.standard_normal


def positive(*shape):
    return random.uniform(0.5, 2.0, shape)


def apart(*shape):
    """Return numbers that are nowhere near a kink at 0."""
    return random.choice([-1.0, 1.0], shape) * random.uniform(0.3, 2.0, shape)


CASES = {
    "Add": Case(operator="Add", inputs=(normal((2, 3, 4)), normal((3, 1)))),
    "Add of free sizes": Case(operator="Add", inputs=(normal((2, 3)), normal((2, 3))), free=True),
    "Add of a scalar": Case(operator="Add", inputs=(normal((2, 3)), normal(()))),
    "Sub": Case(operator="Sub", inputs=(normal((3,)), normal((2, 3)))),
    "Mul": Case(operator="Mul", inputs=(normal((2, 1, 4)), normal((3, 1)))),
    "Mul of free sizes": Case(operator="Mul", inputs=(normal((1, 3)), normal((4, 1))), free=True),
    "Div": Case(operator="Div", inputs=(normal((2, 3)), positive(3))),
    "Neg": Case(operator="Neg", inputs=(normal((2, 3)),)),
    "Identity": Case(operator="Identity", inputs=(normal((2, 3)),)),
    "Relu": Case(operator="Relu", inputs=(apart(4, 5),)),
    "Sigmoid": Case(operator="Sigmoid", inputs=(normal((4, 5)),)),
    "Tanh": Case(operator="Tanh", inputs=(normal((4, 5)),)),
}
