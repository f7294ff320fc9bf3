"""An answer: what pytest shows of a failing verdict, or of the lack of one, instead of a traceback."""

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_energy.reports.escaping import for_terminal, without_commands

if TYPE_CHECKING:
    from _pytest._io import TerminalWriter


@dataclass(frozen=True, slots=True)
class Crash:
    """What pytest looks for to write its one-line summary of a failure.

    Attributes:
        message: The line.
    """

    message: str

    def __str__(self) -> str:
        return self.message


class Answer:
    """Takes the place of a traceback in a test report.

    Written to by pytest through ``toterminal``; pytest's short summary and JUnit read ``reprcrash``.
    """

    def __init__(self, text: str) -> None:
        """Keep the text; its first line is the summary."""
        self._lines = [for_terminal(line) for line in text.splitlines()]
        self.reprcrash = Crash(self._lines[0] if self._lines else "")

    def __str__(self) -> str:
        return without_commands("\n".join(self._lines))

    def toterminal(self, writer: "TerminalWriter") -> None:
        """Write the text; a line that is longer than the terminal continues below its beginning."""
        for line in self._lines:
            for part in _wrapped(line, writer.fullwidth - 1):
                writer.line(without_commands(part))


def _wrapped(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()))
    if " " not in line.strip():  # a path: whole, it can be copied
        return [line]
    return textwrap.wrap(
        line, max(width, 20), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [""]
