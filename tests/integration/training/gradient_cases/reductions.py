"""Cases of reductions."""

import numpy as np

from pytest_energy.training.gradient_check import Case

random = np.random.default_rng(4)
REDUCTIONS = (
    "ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare",
    "ReduceLogSum", "ReduceLogSumExp", "ReduceProd",
)  # fmt: skip


def positive():
    return random.uniform(0.5, 2.0, (2, 3, 4))


CASES = {
    **{
        f"{name} along axes": Case(
            operator=name, inputs=(positive(), np.array([0, -1])), attributes={"keepdims": 0}
        )
        for name in REDUCTIONS
    },
    **{
        f"{name} of all": Case(operator=name, inputs=(positive(),), attributes={"keepdims": 0})
        for name in REDUCTIONS
    },
    **{f"{name} that keeps": Case(operator=name, inputs=(positive(), np.array([1]))) for name in REDUCTIONS},
    "ReduceMean of free sizes": Case(operator="ReduceMean", inputs=(positive(), np.array([0])), free=(0, 1)),
    "ReduceSum of nothing": Case(
        operator="ReduceSum", inputs=(positive(),), attributes={"noop_with_empty_axes": 1, "keepdims": 0}
    ),
    "LpNormalization": Case(operator="LpNormalization", inputs=(positive(),)),
    "LpNormalization by absolutes": Case(
        operator="LpNormalization", inputs=(positive() - 1,), attributes={"axis": 1, "p": 1}
    ),
    "GlobalLpPool": Case(operator="GlobalLpPool", inputs=(positive() - 1,)),
    "GlobalLpPool of cubes": Case(operator="GlobalLpPool", inputs=(positive(),), attributes={"p": 3}),
    "CumSum": Case(operator="CumSum", inputs=(positive(), np.int64(1))),
    "CumSum from behind": Case(
        operator="CumSum", inputs=(positive(), np.int64(2)), attributes={"exclusive": 1, "reverse": 1}
    ),
}
