"""How far training has come, while it goes on: on one line of a terminal, else as a few plain lines."""

import sys
from types import TracebackType
from typing import Self, TextIO

from pytest_energy.cli.progress import Progress
from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.reports.epoch_words import EpochsLeft
from pytest_energy.results.training import TrainingProgress

_APART_S = 5.0
"""Where nothing can be erased, as in the log of a CI service, so much time lies between two lines."""


class EpochLines:
    """Tells epochs on standard error; a context manager, which erases them from a terminal."""

    def __init__(self, stream: TextIO | None = None, clock: Clock | None = None) -> None:
        """Remember where to write and what the time is told by."""
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock or SystemClock()
        self._progress = Progress(self._stream)
        self._left = EpochsLeft()
        self._told_s: float | None = None

    def tell(self, progress: TrainingProgress) -> None:
        """Show how far training has come."""
        now_s = self._clock.read().wall_s
        words = self._left.words(progress, now_s)
        if self._stream.isatty():
            self._progress.say(words)
        elif progress.loss is not None and (self._told_s is None or now_s - self._told_s >= _APART_S):
            self._told_s = now_s
            print(words, file=self._stream, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.__exit__(kind, error, trace)
