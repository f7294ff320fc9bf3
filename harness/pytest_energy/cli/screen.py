"""The screen: text for a terminal or a pipe, with the one place where it is escaped on its way there."""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import TextIO, TypedDict

from rich.table import Column, Table
from rich.text import Text

from pytest_energy.reports.console import text_console
from pytest_energy.reports.escaping import for_terminal, without_commands

_GAP = 2  # blanks before each column
_LEAST = 12  # columns that give way keep so much
_NARROWEST = 68  # below it the figures of the widest table would be cut off


class Screen:
    """Gathers lines and tables as text."""

    def __init__(self, *, width: int, colour: bool, unicode: bool) -> None:
        """Open an empty screen.

        Args:
            width: Columns; what does not fit into them is folded.
            colour: Whether ANSI styles are wanted.
            unicode: Whether more than ASCII can be shown.
        """
        self._unicode = unicode
        self._out = StringIO()
        self._console = text_console(self._out, width=max(width, _NARROWEST), colour=colour)

    def line(self, text: str = "", style: str = "") -> None:
        """Add a line, folded where it is too long."""
        self._console.print(self._words(text, style))

    def unbroken(self, text: str) -> None:
        """Add a line that stays one, so that tools find it whole."""
        self._console.print(self._words(text), soft_wrap=True)

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]], *, foldable: Sequence[int]) -> None:
        """Add a table.

        Args:
            heads: Heads of the columns; none are shown where all are empty.
            rows: Cells.
            foldable: Numbers of the columns that give way where the window is narrow, the first one first.
        """
        cells = [[self._words(cell) for cell in row] for row in (heads, *rows)]
        columns = [
            Column(header=head, width=width, overflow="fold")
            for head, width in zip(cells[0], self._widths(cells, foldable), strict=True)
        ]
        shown = Table(
            *columns, box=None, padding=(0, 0, 0, _GAP), show_header=any(heads), header_style="underline"
        )
        for row in cells[1:]:
            shown.add_row(*row)
        self._console.print(shown)

    def text(self) -> str:
        """Return all that was added, without trailing blanks."""
        lines = self._out.getvalue().split("\n")
        return without_commands("\n".join(line.rstrip(" ") for line in lines))

    def _widths(self, cells: Sequence[Sequence[Text]], foldable: Sequence[int]) -> list[int]:
        widths = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
        for number in foldable:
            excess = sum(widths) + _GAP * len(widths) - self._console.width
            widths[number] -= max(0, min(excess, widths[number] - _LEAST))
        return widths

    def _words(self, text: str, style: str = "") -> Text:
        return Text(for_terminal(text, unicode=self._unicode), style=style, overflow="fold")


class Look(TypedDict):
    """How text may look somewhere; see ``Screen``."""

    width: int
    colour: bool
    unicode: bool


def look_of(stream: TextIO, variables: Mapping[str, str]) -> Look:
    """Return what suits a stream: colour on a terminal only, and never against NO_COLOR."""
    colour = stream.isatty() and not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"
    return Look(width=shutil.get_terminal_size().columns, colour=colour, unicode=_is_unicode(stream))


def screen_for(stream: TextIO, variables: Mapping[str, str]) -> Screen:
    """Return a screen that suits a stream."""
    return Screen(**look_of(stream, variables))


def show(screen: Screen) -> None:
    """Write a screen to standard output."""
    sys.stdout.write(screen.text())


def standard_screen() -> Screen:
    """Return a screen that suits standard output."""
    return screen_for(sys.stdout, os.environ)


def complain(message: str) -> None:
    """Write one sentence of fault to standard error."""
    print(f"pytest-energy: {for_terminal(message, unicode=_is_unicode(sys.stderr))}", file=sys.stderr)


def _is_unicode(stream: TextIO) -> bool:
    return "utf" in (stream.encoding or "").lower()
