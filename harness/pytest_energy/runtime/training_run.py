"""A whole run of training: from the initial values to a target, or to the end of what was asked for."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import Diverged, TargetMissed
from pytest_energy.measurement.clock import Reading
from pytest_energy.results.training import Ending, Training, TrainingProgress, TrainingRecord
from pytest_energy.runtime.input_pipeline import InputPipeline
from pytest_energy.runtime.training_binding import TrainingBound
from pytest_energy.workloads.synthesis import Feeds

MOST_BATCHES = 10_000
"""Where no end is given but a target, so many batches are the most."""


Watch = Callable[[TrainingProgress], object]
"""Told after each batch how far a run of training has come."""


class TrainingRun:
    """Batches of a session as one step: each call trains anew, so that all calls cost the same.

    Targets and patience look at the mean loss of each pass over all batches.
    """

    copies = False

    def __init__(
        self,
        batches: Sequence[TrainingBound],
        training: Training,
        watch: Watch = lambda _: None,
        pipeline: InputPipeline | None = None,
    ) -> None:
        """Train on batches, in their order.

        Args:
            batches: At least one; they share a state.
            training: When it ends.
            watch: Called after each batch: a sign of life.
            pipeline: Makes the batches of each pass while it runs; None where those given are all.
        """
        self.pipeline = pipeline
        self._length = len(batches) if pipeline is None else len(pipeline)
        self._batches = batches
        self._training = training
        self._watch = watch
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

    def values(self) -> dict[str, npt.NDArray[Any]]:
        """Copy what training has found: parameters and running statistics, by the model's own names."""
        return self._state.values()

    def outputs(self) -> Mapping[str, npt.NDArray[np.generic]]:
        """Return the mean loss of the last pass."""
        losses = self.record.losses if self.record else (np.nan,)
        return {self._batches[0].loss: np.asarray(losses[-1], np.float32)}

    def _run(self) -> None:
        self._state.restart()
        left: int = self._most()
        losses: list[float] = []
        ending: Ending | None = None
        while ending is None:
            left -= self._pass(losses, left)
            ending = self._ending(losses, left)
        self.record = TrainingRecord(batches=self._most() - left, ending=ending, losses=tuple(losses))
        self._require_target()

    @property
    def fetched(self) -> Callable[[], Reading] | None:
        """Tells the time that batches took to be made, of all runs so far; None where all lie bound."""
        return None if self.pipeline is None else self.pipeline.spent

    def _pass(self, losses: list[float], left: int) -> int:
        """Train on the batches that are left of one pass, and add their mean loss; return their number."""
        count = min(left, self._length)
        batches = self._batches if self.pipeline is None else self.pipeline.batches(len(losses))
        taken = []
        for number, batch in enumerate(batches, start=1):
            taken.append(_loss(batch))
            if number == count:
                losses.append(float(np.mean(taken)))
            self._watch(
                TrainingProgress(
                    epoch=len(losses) + (number < count),
                    epochs=self._epochs(),
                    share=number / count,
                    loss=losses[-1] if losses else None,
                )
            )
            if number == left:  # else a loader is asked on: only it knows that its pass is over
                break
        return count

    def _epochs(self) -> int | None:
        """Return how many passes there are at most; None where nobody said an end."""
        if self._training.steps is None:
            return self._training.epochs
        return math.ceil(self._training.steps / self._length)

    def _most(self) -> int:
        """Return how many batches there are at most."""
        training = self._training
        if training.steps is not None:
            return training.steps
        return MOST_BATCHES if training.epochs is None else training.epochs * self._length

    def _ending(self, losses: Sequence[float], left: int) -> Ending | None:
        """Say why training is over after these passes; None while it is not."""
        training = self._training
        if not np.isfinite(losses[-1]):
            raise Diverged(
                f"Training diverged: the mean loss of pass {len(losses)} is {losses[-1]}. Set a lower "
                "learning rate (--learning-rate, or hyperparameters in a suite), or clip gradients."
            )
        if training.target is not None and losses[-1] < training.target:
            return "target"
        best = int(np.argmin(losses)) + 1
        if training.patience is not None and len(losses) - best >= training.patience:
            return "patience"
        return "end" if left <= 0 else None

    def _require_target(self) -> None:
        """Refuse to call a run that missed its target an answer: what it cost is not what was asked."""
        record, target = self.record, self._training.target
        if record is None or target is None or record.ending == "target":
            return
        losses = record.losses
        why = "out of patience" if record.ending == "patience" else "at its end"
        raise TargetMissed(
            f"Training did not reach a loss below {target:g}: {why} after {len(losses)} passes, the lowest "
            f"mean loss of a pass was {min(losses):.4g}. Train longer, or with another optimizer, learning "
            "rate or target."
        )


def _loss(batch: TrainingBound) -> Any:
    batch.step()()
    return batch.last_loss()
