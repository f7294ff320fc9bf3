"""Cases of matrix products."""

import numpy as np

from pytest_energy.training.gradient_check import Case

normal = np.random.default_rng(2).standard_normal


def matmul(first, second, *, free=()):
    return Case(operator="MatMul", inputs=(normal(first), normal(second)), free=free)


def gemm(first, second, third, **attributes):
    inputs = (normal(first), normal(second), *([] if third is None else [normal(third)]))
    return Case(operator="Gemm", inputs=inputs, attributes=attributes)


CASES = {
    "MatMul of matrices": matmul((3, 4), (4, 5)),
    "MatMul of a batch and a matrix": matmul((2, 3, 4), (4, 5), free=()),
    "MatMul of two batches": matmul((2, 3, 4), (2, 4, 5)),
    "MatMul of a broadcast batch": matmul((2, 1, 3, 4), (6, 4, 5)),
    "MatMul of a matrix and a batch": matmul((3, 4), (2, 4, 5)),
    "MatMul of a free batch": matmul((2, 3, 4), (2, 4, 5), free=(0, 1)),
    "MatMul of vectors": matmul((4,), (4,)),
    "MatMul of a vector and a matrix": matmul((4,), (4, 5)),
    "MatMul of a vector and a batch": matmul((4,), (2, 4, 5)),
    "MatMul of a batch and a vector": matmul((2, 3, 4), (4,)),
    "Gemm": gemm((3, 4), (4, 5), (5,)),
    "Gemm without C": gemm((3, 4), (4, 5), None),
    "Gemm scaled": gemm((3, 4), (4, 5), (3, 1), alpha=0.5, beta=2.0),
    "Gemm transA": gemm((4, 3), (4, 5), (3, 5), transA=1, alpha=0.5),
    "Gemm transB": gemm((3, 4), (5, 4), (1, 5), transB=1),
    "Gemm transA transB": gemm((4, 3), (5, 4), (), transA=1, transB=1),
}
