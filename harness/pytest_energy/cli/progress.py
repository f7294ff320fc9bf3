"""Progress: a few words on a line of the terminal that are gone when the command has ended."""

import sys
from contextlib import suppress
from shutil import get_terminal_size
from types import TracebackType
from typing import Self, TextIO

from pytest_energy.reports.escaping import for_terminal

_ERASE = "\r\x1b[K"


class Progress:
    """Shows words on standard error where that is a terminal; a context manager, which erases them."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Remember where to write: standard error unless another stream is given."""
        self._stream = sys.stderr if stream is None else stream
        self._is_wanted = self._stream.isatty()

    def say(self, words: str) -> None:
        """Show some words in the place of those before."""
        self._write(_ERASE + for_terminal(words, unicode=False)[: get_terminal_size().columns - 1])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write(_ERASE)

    def _write(self, text: str) -> None:
        if self._is_wanted:
            with suppress(OSError, ValueError):  # a terminal that went away must not end the measurement
                self._stream.write(text)
                self._stream.flush()
