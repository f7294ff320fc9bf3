"""Progress: a few words behind pytest's own dots while a benchmark runs, gone when it has ended."""

import os
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from shutil import get_terminal_size
from typing import Any

import pytest

from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.reports.escaping import for_terminal
from pytest_energy.reports.time_left import TimeLeft

_LEAST_COLUMNS = 20  # with less room than this behind the dots, words only flicker
_ERASE_TO_END = "\x1b[K"


class Progress:
    """Writes to a terminal that can move its cursor; elsewhere pytest's own lines must do."""

    def __init__(self, config: pytest.Config, clock: Clock | None = None) -> None:
        """Remember the configuration; pytest makes its terminal later."""
        self._config = config
        self._clock = clock or SystemClock()
        self._left = TimeLeft(total=0, guess_s=0.0)

    def expect(self, total: int, guess_s: float) -> None:
        """Remember how many benchmarks there will be, and how long in s one takes at a guess."""
        self._left = TimeLeft(total=total, guess_s=guess_s)

    def begin(self) -> None:
        """A benchmark begins."""
        self._left.begin(self._clock.read().wall_s)

    def say(self, words: str) -> None:
        """Show some words where the line ends, and go back to where it ended."""
        if not self._is_wanted:
            return
        room = get_terminal_size().columns - int(self._writer.width_of_current_line) - 2
        if room >= _LEAST_COLUMNS:
            said = f"{self._left.words(self._clock.read().wall_s)}: {words}"
            shown = for_terminal(said, unicode=False)[:room]
            self._write(f"{_ERASE_TO_END} {shown}\x1b[{len(shown) + 1}D")

    def end(self) -> None:
        """A benchmark has ended: erase the words."""
        self._left.end(self._clock.read().wall_s)
        if self._is_wanted:
            self._write(_ERASE_TO_END)

    def _write(self, text: str) -> None:
        """Write past pytest's capturing, and past its writer, which counts the columns of a line."""
        stream = self._writer._file  # noqa: SLF001 - there is no public way to it
        # A terminal that went away must not end the measurement.
        with self._uncaptured(), suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()

    def _uncaptured(self) -> AbstractContextManager[None]:
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        return nullcontext() if capture is None else capture.global_and_fixture_disabled()

    @cached_property
    def _writer(self) -> Any:
        return self._config.get_terminal_writer()

    @cached_property
    def _is_wanted(self) -> bool:
        """Whether there is a terminal that can move its cursor, and nothing else that writes to it."""
        if not self._config.pluginmanager.has_plugin("terminalreporter"):
            return False
        if os.environ.get("TERM", "dumb") == "dumb" or self._config.getoption("capture") == "no":
            return False
        with self._uncaptured():
            return bool(self._writer._file.isatty())  # noqa: SLF001 - as above
