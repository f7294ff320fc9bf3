"""The input pipeline of a whole run of training: makes batches while it runs, and tells what that took."""

from collections.abc import Iterator

from pytest_energy.measurement.clock import Clock, Reading, since
from pytest_energy.runtime.training_binding import TrainingBound
from pytest_energy.workloads.batch_source import BatchSource


class InputPipeline:
    """Writes batch after batch into the memory that is bound.

    The clock is read twice per batch, before it is asked for and when it is bound.
    """

    def __init__(self, source: BatchSource, bound: TrainingBound, clock: Clock) -> None:
        """Fill what is bound from a source.

        Args:
            source: Makes the batches.
            bound: What each is written into; its arrays are nobody else's.
            clock: Reads CPU and wall time.
        """
        self.kind = source.kind
        self._source = source
        self._bound = bound
        self._clock = clock
        self._spent = Reading(0.0, 0.0)

    def __len__(self) -> int:
        """Return how many batches a pass has."""
        return len(self._source)

    def spent(self) -> Reading:
        """Return the CPU and wall time in s that all batches so far took to be made and bound."""
        return self._spent

    def batches(self, epoch: int) -> Iterator[TrainingBound]:
        """Yield what is bound, each time with the next batch of a pass in it.

        Args:
            epoch: Number of the pass, from 0.
        """
        before = self._clock.read()
        for _ in self._source.fill(epoch, self._bound.feeds):
            self._bound.refresh()
            self._add(since(before, self._clock))
            yield self._bound
            before = self._clock.read()
        self._add(since(before, self._clock))  # what a loader does after its last batch

    def _add(self, taken: Reading) -> None:
        self._spent = Reading(self._spent.cpu_s + taken.cpu_s, self._spent.wall_s + taken.wall_s)
