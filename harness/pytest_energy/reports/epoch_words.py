"""The words for how far a run of training has come, and how long it will still take."""

from dataclasses import dataclass

from pytest_energy.reports.time_left import rounded
from pytest_energy.results.training import TrainingProgress


def epoch_words(progress: TrainingProgress) -> str:
    """Say which pass over the data runs, and what the last one came to: ``epoch 3 of 20, loss 0.412``."""
    of = "" if progress.epochs is None else f" of {progress.epochs}"
    loss = "" if progress.loss is None else f", loss {progress.loss:.3g}"
    return f"epoch {progress.epoch}{of}{loss}"


@dataclass(slots=True)
class EpochsLeft:
    """Tells how long a run of training will still take, judged by what was done since it was first heard of.

    What came before, such as loading the model, is no measure of that. Times are in s, on any clock that does
    not go back.
    """

    _first_s: float | None = None
    _first_done: float = 0.0

    def words(self, progress: TrainingProgress, now_s: float) -> str:
        """Say it: ``epoch 3 of 20, loss 0.412, about 8 s left``.

        Args:
            progress: How far the run is.
            now_s: The time.
        """
        done = progress.epoch - 1 + progress.share
        if self._first_s is None:
            self._first_s, self._first_done = now_s, done
        return epoch_words(progress) + self._left(progress.epochs, done, now_s - self._first_s)

    def _left(self, epochs: int | None, done: float, passed_s: float) -> str:
        if epochs is None or done <= self._first_done or done >= epochs:
            return ""
        left_s = passed_s / (done - self._first_done) * (epochs - done)
        return f", about {rounded(left_s)} left"
