"""Cases of Einsum."""

import numpy as np

from pytest_energy.training.gradient_check import Case

normal = np.random.default_rng(10).standard_normal


def einsum(equation, *shapes, free=()):
    return Case(
        operator="Einsum",
        inputs=tuple(normal(shape) for shape in shapes),
        attributes={"equation": equation},
        free=free,
    )


CASES = {
    "Einsum of matrices": einsum("ij,jk->ik", (2, 3), (3, 4)),
    "Einsum without an arrow": einsum("kj,ji", (2, 3), (3, 4)),
    "Einsum of attention": einsum("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)),
    "Einsum of attention, free sizes": einsum("bhqk,bkhd->bqhd", (2, 2, 3, 5), (2, 5, 2, 4), free=(0, 1)),
    "Einsum of a batch that is left out": einsum("...ij,...jk->...ik", (2, 3, 4, 5), (2, 3, 5, 2)),
    "Einsum of one": einsum("ijk->ki", (2, 3, 4)),
    "Einsum of three": einsum("ab,bc,cd->ad", (2, 3), (3, 4), (4, 2)),
    "Einsum of an outer product": einsum("i,j->ji", (2,), (3,)),
    "Einsum of a number": einsum("ij,ij->", (2, 3), (2, 3)),
    "Einsum that sums one side": einsum("ijk,jl->il", (2, 3, 4), (3, 2)),
}
