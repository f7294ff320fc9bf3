"""Rows of data in a new order for each pass, gathered batch by batch."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pytest_energy.errors import InputsError
from pytest_energy.workloads.loader import Given
from pytest_energy.workloads.synthesis import feeds_hash


class ShuffledRows:
    """Draws an order of all rows for each pass; a rest that fills no batch is left out, each time another.

    The order follows from the seed and the number of the pass: it is the same in each run and process, and on
    every machine with the same version of numpy.
    """

    kind = "shuffled rows"

    def __init__(self, given: Sequence[Given], batch: int, seed: int) -> None:
        """Gather rows.

        Args:
            given: Arrays by name, all with as many rows; several such mappings are one after the other. What
                has no axes is the same for all rows.
            batch: Rows of a batch.
            seed: Seed of the order.

        Raises:
            InputsError: There are no rows, too few of them, or not equally many of every input.
        """
        together = _together(given)
        self._rows = {
            name: each for name, each in together.items() if isinstance(each, np.ndarray) and each.ndim
        }
        self._count = _count(self._rows)
        if self._count < batch:
            raise InputsError(
                f"The data has {self._count} rows, and a batch of {batch} cannot be filled from them. Set a "
                "smaller batch, or give more rows."
            )
        self._batch = batch
        self._seed = seed
        self.first: Given = {**together, **{name: rows[:batch] for name, rows in self._rows.items()}}

    def __len__(self) -> int:
        """Return how many batches a pass has."""
        return self._count // self._batch

    def identity(self) -> str:
        """Return a hash of all rows, in the order in which they are given."""
        return feeds_hash({**self.first, **self._rows})

    def fill(self, epoch: int, buffers: Mapping[str, Any]) -> Iterator[None]:
        """Gather the rows of each batch of a pass straight into the arrays, and yield."""
        order = np.random.default_rng([self._seed, epoch]).permutation(self._count)
        for first in range(0, len(self) * self._batch, self._batch):
            chosen = order[first : first + self._batch]
            for name, rows in self._rows.items():
                # Of the modes, "raise" would gather into an array of its own first; no index is out of range.
                np.take(rows, chosen, axis=0, out=buffers[name], mode="clip")
            yield


def _together(given: Sequence[Given]) -> Given:
    """Put several mappings of rows one after the other."""
    if not given:
        raise InputsError(
            "shuffle = true needs rows to shuffle, and no data is given. Name them, with inputs = "
            '"rows.npz" for instance, or take shuffle out.'
        )
    names = given[0].keys()
    if any(each.keys() != names for each in given):
        raise InputsError(
            "Data that is shuffled must have the same arrays in every part; here the parts have "
            f"{' and '.join(sorted({', '.join(each) for each in given}))}."
        )
    if len(given) == 1:
        return dict(given[0])
    return {
        name: np.concatenate([each[name] for each in given]) if _has_rows(given[0][name]) else given[0][name]
        for name in names
    }


def _has_rows(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.ndim > 0


def _count(rows: Mapping[str, Any]) -> int:
    counts = {name: len(each) for name, each in rows.items()}
    if len(set(counts.values())) != 1:
        listed = ", ".join(f"{name!r} has {count}" for name, count in counts.items()) or "there are none"
        raise InputsError(
            f"Rows are shuffled together, so every array must have as many: {listed}. Repeat what is the "
            "same for all rows, or take shuffle = true out."
        )
    return next(iter(counts.values()))
