"""Where the batches of a whole run of training come from, where they are made while it trains."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pytest_energy.errors import InputsError
from pytest_energy.results.training import Training
from pytest_energy.workloads.loaded_batches import LoadedBatches
from pytest_energy.workloads.loader import Given, Loader
from pytest_energy.workloads.shuffled_rows import ShuffledRows


class BatchSource(Protocol):
    """Makes the batches of each pass anew.

    Attributes:
        kind: What it is, as factors name it.
        first: A batch, which tells names, types and shapes.
    """

    kind: str
    first: Given

    def __len__(self) -> int:
        """Return how many batches a pass has."""

    def identity(self) -> str:
        """Return a hash of the data."""

    def fill(self, epoch: int, buffers: Mapping[str, Any]) -> Iterator[None]:
        """Write the batches of a pass into arrays, one after the other; each time one is there, yield.

        Args:
            epoch: Number of the pass, from 0.
            buffers: Arrays by the names of inputs, of the shapes of the first batch.
        """


def batch_source(
    given: Sequence[Given] | Loader,
    training: Training,
    *,
    batch: int,
    seed: int,
    on_batch: Callable[[int], object] = lambda _: None,
) -> BatchSource | None:
    """Return what makes batches while a run trains; None where all are to be bound before it.

    Args:
        given: What the user gives.
        training: How the model is trained.
        batch: Rows of a batch.
        seed: Seed of the order of shuffled rows.
        on_batch: Called with the number of each batch of a loader that is looked at: a sign of life.

    Raises:
        InputsError: The data cannot be shuffled, or the loader is at fault.
    """
    if not training.is_run:
        return None
    if isinstance(given, Loader):
        if training.shuffle:
            raise InputsError(
                f"{given.where} gives batches one by one, so their order is its own. Shuffle there, and take "
                "shuffle = true out."
            )
        return LoadedBatches(given, training, on_batch)
    return ShuffledRows(given, batch, seed) if training.shuffle else None
