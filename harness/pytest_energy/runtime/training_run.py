"""A whole run of training: from the initial values to a target, or to the end of what was asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import ModelError
from pytest_energy.results.training import Ending, Training, TrainingRecord
from pytest_energy.runtime.training_binding import TrainingBound
from pytest_energy.workloads.synthesis import Feeds

MOST_BATCHES = 10_000
"""Where no end is given but a target, so many batches are the most."""


class TrainingRun:
    """Batches of a session as one step: each call trains anew, so that all calls cost the same.

    Targets and patience look at the mean loss of each pass over all batches.
    """

    copies = False

    def __init__(
        self,
        batches: Sequence[TrainingBound],
        training: Training,
        on_pass: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Train on batches, in their order.

        Args:
            batches: At least one; they share a state.
            training: When it ends.
            on_pass: Called with the number of each pass, from 1: a sign of life.
        """
        self._batches = batches
        self._training = training
        self._on_pass = on_pass
        self._state = batches[0].state
        self._state.restarts = False
        self.record: TrainingRecord | None = None

    @property
    def feeds(self) -> Feeds:
        """The first batch."""
        return self._batches[0].feeds

    def step(self) -> Callable[[], object]:
        """Return the whole run as a callable without arguments."""
        return self._run

    def synchronize(self) -> None:
        """Wait until the device has done all that it was given."""
        self._batches[0].synchronize()

    def outputs(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Return the mean loss of the last pass."""
        losses = self.record.losses if self.record else (np.nan,)
        return {self._batches[0].loss: np.asarray(losses[-1], np.float32)}

    def _run(self) -> None:
        self._state.restart()
        left, losses = self._most(), []
        ending: Ending | None = None
        while ending is None:
            taken = [_loss(batch) for batch in self._batches[: min(left, len(self._batches))]]
            left -= len(taken)
            losses.append(float(np.mean(taken)))
            self._on_pass(len(losses))
            ending = self._ending(losses, left)
        self.record = TrainingRecord(batches=self._most() - left, ending=ending, losses=tuple(losses))

    def _most(self) -> int:
        """Return how many batches there are at most."""
        training = self._training
        if training.steps is not None:
            return training.steps
        return MOST_BATCHES if training.epochs is None else training.epochs * len(self._batches)

    def _ending(self, losses: Sequence[float], left: int) -> Ending | None:
        """Say why training is over after these passes; None while it is not."""
        training = self._training
        if not np.isfinite(losses[-1]):
            raise ModelError(
                f"Training diverged: the mean loss of pass {len(losses)} is {losses[-1]}. Set a lower "
                "learning rate in hyperparameters, or clip gradients."
            )
        if training.target is not None and losses[-1] < training.target:
            return "target"
        best = int(np.argmin(losses)) + 1
        if training.patience is not None and len(losses) - best >= training.patience:
            return self._unless_missed("patience", losses)
        return self._unless_missed("end", losses) if left <= 0 else None

    def _unless_missed(self, ending: Ending, losses: Sequence[float]) -> Ending:
        """Refuse to call a run that missed its target an answer: what it cost is not what was asked."""
        target = self._training.target
        if target is None:
            return ending
        why = "out of patience" if ending == "patience" else "at its end"
        raise ModelError(
            f"Training did not reach a loss below {target:g}: {why} after {len(losses)} passes, the lowest "
            f"mean loss of a pass was {min(losses):.4g}. Train longer, or with another optimizer, learning "
            "rate or target."
        )


def _loss(batch: TrainingBound) -> Any:
    batch.step()()
    return batch.last_loss()
