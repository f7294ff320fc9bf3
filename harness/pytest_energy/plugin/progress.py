"""Progress: a few words behind pytest's own dots while a benchmark runs, gone when it has ended."""

import os
from contextlib import suppress
from functools import cached_property
from shutil import get_terminal_size
from typing import Any, TextIO

import pytest

from pytest_energy.reports.escaping import for_terminal

_LEAST_COLUMNS = 20  # with less room than this behind the dots, words only flicker
_ERASE_TO_END = "\x1b[K"


class Progress:
    """Writes to a terminal that can move its cursor; elsewhere pytest's own lines must do."""

    def __init__(self, config: pytest.Config) -> None:
        """Remember the configuration; pytest makes its terminal later."""
        self._config = config

    def say(self, words: str) -> None:
        """Show some words where the line ends, and go back to where it ended."""
        if self._stream is None:
            return
        room = get_terminal_size().columns - int(self._writer.width_of_current_line) - 2
        if room >= _LEAST_COLUMNS:
            shown = for_terminal(words, unicode=False)[:room]
            self._write(f"{_ERASE_TO_END} {shown}\x1b[{len(shown) + 1}D")

    def end(self) -> None:
        """Erase the words."""
        if self._stream is not None:
            self._write(_ERASE_TO_END)

    def _write(self, text: str) -> None:
        assert self._stream is not None  # noqa: S101 - nobody writes without one
        with suppress(OSError, ValueError):  # a terminal that went away must not end the measurement
            self._stream.write(text)
            self._stream.flush()

    @cached_property
    def _writer(self) -> Any:
        return self._config.get_terminal_writer()

    @cached_property
    def _stream(self) -> TextIO | None:
        """The terminal behind pytest's writer, which would count the columns of words that are taken back."""
        if not self._config.pluginmanager.has_plugin("terminalreporter"):
            return None
        stream: TextIO | None = getattr(self._writer, "_file", None)
        dumb = os.environ.get("TERM", "dumb") == "dumb"
        captured = self._config.getoption("capture") != "no"  # else the step's own output comes in between
        return stream if stream is not None and stream.isatty() and captured and not dumb else None
