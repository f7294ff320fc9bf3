"""Cases of operators that move elements."""

import numpy as np

from pytest_energy.training.gradient_check import Case

normal = np.random.default_rng(5).standard_normal


def ints(*numbers):
    return np.array(numbers, np.int64)


def case(operator, *inputs, outputs=1, free=(), constant=(), opset=18, **attributes):
    return Case(
        operator=operator,
        inputs=inputs,
        attributes=attributes,
        outputs=outputs,
        free=free,
        constant=constant,
        opset=opset,
    )


CASES = {
    "Reshape": case("Reshape", normal((2, 3, 4)), ints(6, -1)),
    "Reshape of free sizes": case("Reshape", normal((2, 3, 4)), ints(0, -1), free=(0, 1)),
    "Flatten": case("Flatten", normal((2, 3, 4)), axis=2),
    "Squeeze": case("Squeeze", normal((2, 1, 4)), ints(1)),
    "Unsqueeze": case("Unsqueeze", normal((2, 4)), ints(0, -1)),
    "Transpose": case("Transpose", normal((2, 3, 4)), perm=[1, 2, 0]),
    "Transpose by default": case("Transpose", normal((2, 3, 4))),
    "Expand": case("Expand", normal((3, 1)), ints(2, 3, 4)),
    "Concat": case("Concat", normal((2, 3)), normal((2, 1)), normal((2, 2)), axis=-1),
    "Concat of free sizes": case("Concat", normal((2, 3)), normal((4, 3)), axis=0, free=(0, 1)),
    "Concat of one": case("Concat", normal((2, 3)), axis=0),
    "Split": case("Split", normal((2, 6)), ints(1, 2, 3), outputs=3, axis=1),
    "Split into equal parts": case("Split", normal((6, 2)), outputs=3, num_outputs=3),
    "Slice": case("Slice", normal((5, 6)), ints(1, -4), ints(4, 2**40), ints(0, 1)),
    "Slice by default": case("Slice", normal((5, 6)), ints(1, 2), ints(-1, 4)),
    "Slice in steps": case("Slice", normal((5, 6)), ints(-1, 0), ints(-9, 6), ints(0, 1), ints(-2, 3)),
    "Slice of free sizes": case("Slice", normal((5, 6)), ints(1), ints(-1), ints(0), free=(0, 1)),
    "Pad": case("Pad", normal((3, 4)), ints(1, 0, 0, 2)),
    "Pad with a value": case("Pad", normal((3, 4)), ints(1, -1, 0, 2), np.float64(2.5), constant=(2,)),
    "Pad along axes": case("Pad", normal((3, 4)), ints(1, 2), None, ints(1)),
    "Pad by reflection": case("Pad", normal((3, 4)), ints(1, 2, 2, 1), mode="reflect"),
    "Pad by the edge": case("Pad", normal((3, 4)), ints(1, 2, 2, 1), mode="edge"),
    "Gather": case("Gather", normal((5, 3)), ints(0, 2, 2, -1)),
    "Gather by short numbers": case("Gather", normal((5, 3)), np.array([0, 2, 2], np.int32)),
    "Gather along an axis": case("Gather", normal((2, 5, 3)), np.array([[0, 2], [2, 1]]), axis=1),
    "Gather of the last axis": case("Gather", normal((2, 5)), ints(4, 0), axis=-1),
    "Gather of one row": case("Gather", normal((2, 5, 3)), np.int64(-1), axis=1),
    "GatherElements": case("GatherElements", normal((3, 3)), np.array([[0, 1, 0], [2, 2, 0]]), axis=0),
    "GatherND": case("GatherND", normal((3, 4, 2)), np.array([[0, 1], [2, 3], [0, 1]])),
    "GatherND of batches": case("GatherND", normal((2, 4, 2)), np.array([[1], [3]]), batch_dims=1),
    "ScatterND": case("ScatterND", normal((4, 3)), np.array([[1], [3]]), normal((2, 3))),
    "ScatterND that adds": case(
        "ScatterND", normal((4, 3)), np.array([[1], [1]]), normal((2, 3)), reduction="add"
    ),
    "ScatterElements": case(
        "ScatterElements", normal((4, 3)), np.array([[0, 1, 2], [3, 0, 1]]), normal((2, 3)), axis=0
    ),
    "ScatterElements that adds": case(
        "ScatterElements", normal((4, 3)), np.array([[1, 1]]), normal((1, 2)), axis=1, reduction="add"
    ),
    "Tile": case("Tile", normal((2, 3)), ints(2, 3)),
    "Trilu": case("Trilu", normal((3, 4)), np.int64(1), upper=0),
    "Trilu by default": case("Trilu", normal((3, 4))),
    "ReverseSequence": case("ReverseSequence", normal((4, 3)), ints(2, 4, 1)),
    "Compress": case("Compress", normal((4, 3)), np.array([True, False, True, True]), axis=0),
    "SpaceToDepth": case("SpaceToDepth", normal((2, 3, 4, 6)), blocksize=2),
    "DepthToSpace": case("DepthToSpace", normal((2, 8, 2, 3)), blocksize=2),
    "DepthToSpace by columns": case("DepthToSpace", normal((2, 8, 2, 3)), blocksize=2, mode="CRD"),
    "Identity of free sizes": case("Identity", normal((2, 3)), free=(0, 1)),
}
