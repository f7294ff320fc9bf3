"""Cases of operators that ONNX defines by others, and that have no rules of their own."""

import numpy as np
from onnx import TensorProto

from pytest_energy.training.gradient_check import Case

normal = np.random.default_rng(12).standard_normal


def case(operator, *shapes, opset=23, **attributes):
    inputs = tuple(None if shape is None else normal(shape) for shape in shapes)
    return Case(operator=operator, inputs=inputs, attributes=attributes, opset=opset)


DOUBLE = {"stash_type": TensorProto.DOUBLE}  # what statistics are computed in, single precision by default

CASES = {
    "Shrink": case("Shrink", (3, 4), lambd=0.3, bias=0.1),
    "GroupNormalization": case("GroupNormalization", (2, 4, 3, 2), (4,), (4,), num_groups=2, **DOUBLE),
    "MeanVarianceNormalization": case("MeanVarianceNormalization", (2, 3, 4, 2)),
    "RMSNormalization": case("RMSNormalization", (2, 3, 4), (4,), **DOUBLE),
    "RMSNormalization of the last two": case("RMSNormalization", (2, 3, 4), (3, 4), axis=1, **DOUBLE),
    "Attention": case("Attention", (2, 2, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4)),
    "Attention that sees the past only": case(
        "Attention", (1, 2, 3, 4), (1, 2, 3, 4), (1, 2, 3, 4), is_causal=1
    ),
    "Attention of flat heads that share keys and see the past only": case(
        "Attention", (2, 3, 8), (2, 3, 4), (2, 3, 4), q_num_heads=2, kv_num_heads=1, is_causal=1, scale=0.3
    ),
    "Attention with a bias": case("Attention", (1, 2, 3, 4), (1, 2, 5, 4), (1, 2, 5, 4), (3, 5)),
    "Attention of shared keys": case("Attention", (1, 4, 3, 4), (1, 2, 5, 4), (1, 2, 5, 4)),
    "Attention of flat heads": case(
        "Attention", (2, 3, 8), (2, 5, 8), (2, 5, 8), q_num_heads=2, kv_num_heads=2
    ),
}
