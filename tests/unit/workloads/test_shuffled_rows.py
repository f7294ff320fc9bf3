"""Rows in a new order for each pass."""

import numpy as np
import pytest

from pytest_energy.errors import InputsError
from pytest_energy.workloads.shuffled_rows import ShuffledRows

ROWS = {"x": np.arange(20.0).reshape(10, 2), "labels": np.arange(10), "rate": np.asarray(3.0)}


def passes(rows, epoch):
    """Return the labels of each batch of a pass; the rows beside them must be theirs."""
    buffers = {name: np.array(each) for name, each in rows.first.items()}
    taken = []
    for _ in rows.fill(epoch, buffers):
        assert np.array_equal(buffers["x"][:, 0], 2 * buffers["labels"])
        taken.append(buffers["labels"].tolist())
    return taken


def test_each_pass_has_another_order_and_leaves_other_rows_out():
    rows = ShuffledRows([ROWS], 3, seed=0)
    assert len(rows) == 3
    seen = [passes(rows, epoch) for epoch in range(8)]
    assert all(len(each) == 3 and len({label for batch in each for label in batch}) == 9 for each in seen)
    assert len({tuple(map(tuple, each)) for each in seen}) == 8
    assert {label for each in seen for batch in each for label in batch} == set(range(10))


def test_the_order_follows_from_seed_and_pass():
    assert passes(ShuffledRows([ROWS], 3, seed=1), 2) == passes(ShuffledRows([ROWS], 3, seed=1), 2)
    assert passes(ShuffledRows([ROWS], 3, seed=1), 2) != passes(ShuffledRows([ROWS], 3, seed=2), 2)


def test_the_first_batch_is_that_of_the_given_order_and_what_has_no_rows_stays():
    first = ShuffledRows([ROWS], 4, seed=0).first
    assert first["labels"].tolist() == [0, 1, 2, 3]
    assert first["rate"] == 3.0


def test_several_parts_are_one_after_the_other():
    parts = [
        {name: each[half] for name, each in ROWS.items() if each.ndim} for half in np.split(np.arange(10), 2)
    ]
    together = ShuffledRows(parts, 3, seed=0)
    whole = ShuffledRows([{name: each for name, each in ROWS.items() if each.ndim}], 3, seed=0)
    assert passes(together, 1) == passes(whole, 1)
    assert together.identity() == whole.identity()


def test_the_identity_is_that_of_all_rows():
    other = ROWS | {"labels": ROWS["labels"] * np.where(ROWS["labels"] == 9, 2, 1)}
    assert ShuffledRows([ROWS], 3, seed=0).identity() != ShuffledRows([other], 3, seed=0).identity()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "no data is given"),
        ([{"x": np.zeros((2, 2))}], "has 2 rows, and a batch of 3"),
        ([{"x": np.zeros((4, 2)), "labels": np.zeros(5)}], "'x' has 4, 'labels' has 5"),
        ([{"x": np.asarray(1.0)}], "there are none"),
        ([{"x": np.zeros(4)}, {"y": np.zeros(4)}], "the parts have x and y"),
    ],
)
def test_what_cannot_be_shuffled_is_refused(given, words):
    with pytest.raises(InputsError, match=words):
        ShuffledRows(given, 3, seed=0)
