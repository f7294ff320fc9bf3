"""The batches of a user's loader, which must be alike: what is bound has one shape, and passes one length."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from pytest_energy.errors import InputsError
from pytest_energy.results.training import Training
from pytest_energy.workloads.loader import Given, Loader
from pytest_energy.workloads.synthesis import feeds_hash

MOST_OF_A_PASS = 100_000
"""A loader that gives more in one pass is taken to have no end, unless it is said how many a run has."""


class LoadedBatches:
    """Takes batches from a loader while a run trains; one pass was looked through before."""

    kind = "loader"

    def __init__(self, loader: Loader, training: Training, on_batch: Callable[[int], object]) -> None:
        """Look through the first pass, as far as a run would come in it.

        Args:
            loader: The user's.
            training: When a run ends.
            on_batch: Called with the number of each batch: a sign of life, for loaders may be slow.

        Raises:
            InputsError: The loader fails, gives no batch or unequal ones, or comes to no end.
        """
        self._loader = loader
        limit = MOST_OF_A_PASS + 1 if training.steps is None else training.steps
        digest, count = hashlib.sha256(), 0
        for count, batch in enumerate(islice(loader.batches(0), limit), start=1):
            if count == 1:
                self.first: Given = {
                    name: value.copy()
                    for name, value in batch.items()  # a loader may write over it
                }
            self._require_alike(batch, count, 0)
            on_batch(count)
            digest.update(feeds_hash(batch).encode())
        if training.steps is None and count > MOST_OF_A_PASS:
            raise InputsError(
                f"{loader.where} gave {MOST_OF_A_PASS:,} batches in one pass, and more. Let it end, or say "
                "with steps how many batches a run has."
            )
        self._count = count
        self._identity = digest.hexdigest()

    def __len__(self) -> int:
        """Return how many batches a pass has, or a run where that ends within one."""
        return self._count

    def identity(self) -> str:
        """Return a hash of the batches of the first pass."""
        return self._identity

    def fill(self, epoch: int, buffers: Mapping[str, Any]) -> Iterator[None]:
        """Copy each batch that the loader gives into the arrays, and yield.

        Raises:
            InputsError: The loader fails, or this pass is not as the first one was.
        """
        number = 0
        for number, batch in enumerate(self._loader.batches(epoch), start=1):
            if number > self._count:
                raise self._other_length(f"more than {self._count}", epoch)
            self._require_alike(batch, number, epoch)
            for name, value in batch.items():
                np.copyto(buffers[name], value)
            yield
        if number < self._count:
            raise self._other_length(str(number), epoch)

    def _require_alike(self, batch: Given, number: int, epoch: int) -> None:
        """Refuse a batch that the memory which is bound does not fit."""
        if batch.keys() != self.first.keys():
            raise self._unlike(f"has {', '.join(batch) or 'nothing'}", ", ".join(self.first), number, epoch)
        for name, value in batch.items():
            if not _alike(value, self.first[name]):
                raise self._unlike(f"has {name!r} as {_form(value)}", _form(self.first[name]), number, epoch)

    def _unlike(self, has: str, wanted: str, number: int, epoch: int) -> InputsError:
        return InputsError(
            f"{self._loader.where} gave unequal batches: batch {number} of pass {epoch + 1} {has}, and the "
            f"first one of all {wanted}. All must be alike: leave out rows that fill no batch."
        )

    def _other_length(self, count: str, epoch: int) -> InputsError:
        return InputsError(
            f"{self._loader.where} gave {count} batches in pass {epoch + 1}, and {self._count} in the first. "
            "It must give as many in every pass, so that all runs cost the same."
        )


def _alike(value: Any, first: Any) -> bool:
    if isinstance(value, np.ndarray) and isinstance(first, np.ndarray):
        return (value.shape, value.dtype) == (first.shape, first.dtype)
    return False  # sequences cannot be bound


def _form(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {list(value.shape)}"
    return f"a list of {len(value)} arrays"
