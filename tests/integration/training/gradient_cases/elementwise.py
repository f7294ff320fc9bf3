"""Cases of operators that work on each element."""

import numpy as np
from onnx import TensorProto

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(1)
normal = random.standard_normal


def between(low, high):
    return random.uniform(low, high, (3, 4))


def apart(*shape):
    """Return numbers that are nowhere near a kink at 0."""
    return random.choice([-1.0, 1.0], shape) * random.uniform(0.3, 2.0, shape)


ANYWHERE = (
    "Asinh",
    "Atan",
    "Cos",
    "Cosh",
    "Erf",
    "Exp",
    "Neg",
    "Identity",
    "Sigmoid",
    "Sin",
    "Sinh",
    "Softplus",
    "Tanh",
)

CASES = {
    **{name: Case(operator=name, inputs=(normal((3, 4)),)) for name in ANYWHERE},
    "Abs": Case(operator="Abs", inputs=(apart(3, 4),)),
    "Acos": Case(operator="Acos", inputs=(between(-0.8, 0.8),)),
    "Acosh": Case(operator="Acosh", inputs=(between(1.5, 3),)),
    "Asin": Case(operator="Asin", inputs=(between(-0.8, 0.8),)),
    "Atanh": Case(operator="Atanh", inputs=(between(-0.8, 0.8),)),
    "Log": Case(operator="Log", inputs=(between(0.5, 2),)),
    "Reciprocal": Case(operator="Reciprocal", inputs=(apart(3, 4),)),
    "Softsign": Case(operator="Softsign", inputs=(apart(3, 4),)),
    "Sqrt": Case(operator="Sqrt", inputs=(between(0.5, 2),)),
    "Tan": Case(operator="Tan", inputs=(between(-1, 1),)),
    "Add": Case(operator="Add", inputs=(normal((2, 3, 4)), normal((3, 1)))),
    "Add of free sizes": Case(operator="Add", inputs=(normal((2, 3)), normal((2, 3))), free=(0, 1)),
    "Add of a scalar": Case(operator="Add", inputs=(normal((2, 3)), normal(()))),
    "Sub": Case(operator="Sub", inputs=(normal((3,)), normal((2, 3)))),
    "Mul": Case(operator="Mul", inputs=(normal((2, 1, 4)), normal((3, 1)))),
    "Mul of free sizes": Case(operator="Mul", inputs=(normal((1, 3)), normal((4, 1))), free=(0, 1)),
    "Div": Case(operator="Div", inputs=(normal((2, 3)), between(0.5, 2)[0, :3])),
    "Pow": Case(operator="Pow", inputs=(between(0.5, 2), normal(4))),
    "Pow of 2": Case(operator="Pow", inputs=(normal((3, 4)), np.float64(2.0)), constant=(1,)),
    "Pow of a whole number": Case(operator="Pow", inputs=(normal((3, 4)), np.int64(3))),
    "Sum": Case(operator="Sum", inputs=(normal((2, 3)), normal(3), normal((2, 1)))),
    "Mean": Case(operator="Mean", inputs=(normal((2, 3)), normal(3), normal((2, 1)))),
    "Max": Case(operator="Max", inputs=(normal((2, 3)), normal(3), normal((2, 1)))),
    "Min": Case(operator="Min", inputs=(normal((2, 3)), normal((1, 3)))),
    "Mod": Case(operator="Mod", inputs=(10 * normal((2, 3)), between(1, 2)[0, :3]), attributes={"fmod": 1}),
    "Where": Case(operator="Where", inputs=(random.random((2, 3)) < 0.5, normal((2, 3)), normal((3,)))),
    "Clip": Case(operator="Clip", inputs=(2 * apart(3, 4), np.float64(-1), np.float64(2)), constant=(1, 2)),
    "Clip from above": Case(operator="Clip", inputs=(apart(3, 4), None, np.float64(0)), constant=(2,)),
    "Clip of nothing": Case(operator="Clip", inputs=(apart(3, 4),)),
    "Cast": Case(operator="Cast", inputs=(normal((3, 4)),), attributes={"to": TensorProto.DOUBLE}),
    "CastLike": Case(operator="CastLike", inputs=(normal((3, 4)), np.float64(0)), constant=(1,)),
}
