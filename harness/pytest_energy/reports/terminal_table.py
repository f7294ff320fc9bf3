"""The table of a terminal report: one row per benchmark, fitted to the window by folding, not by cutting."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.box import Box
from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

from pytest_energy.gate.verdict import Kind
from pytest_energy.reports.row import Row

_RULED = Box("    \n    \n ─  \n    \n    \n    \n    \n    \n")
_RULED_ASCII = Box("    \n    \n -  \n    \n    \n    \n    \n    \n", ascii=True)

_PIECE = re.compile(r"[^-_./:]*[-_./:]+|[^-_./:]+")
_SHORTEST_NAME = 12
_EASY_NAME = 28  # names may fold to this before figures take two lines
_NUMBERS = frozenset({1, 2, 3})  # columns that are aligned at their units


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How text becomes cells.

    Attributes:
        plain: Makes text of any origin harmless.
        verdict: Gives a verdict its colour.
        unicode: Whether the rule below the head may be a drawn one.
    """

    plain: Callable[[str], Text]
    verdict: Callable[[Kind], Text]
    unicode: bool


def figures_table(rows: Sequence[Row], confidence: str, words: Words, width: int) -> Table:
    """Lay out rows: figures on one line where the window is wide enough, else on two; names fold.

    Args:
        rows: At least one.
        confidence: That of the intervals, ``98 %``; empty where there are none.
        words: How text becomes cells.
        width: Columns of the window.
    """
    cells, gap = _cells(rows, confidence, words, " "), 2
    if _room_for_names(cells, gap, width) < min(_EASY_NAME, _widths(cells)[0]):
        cells, gap = _cells(rows, confidence, words, "\n"), 1
    name_width = max(_SHORTEST_NAME, _room_for_names(cells, gap, width))
    cells = [[_folded(row[0], name_width), *row[1:]] for row in cells]
    return _table(cells, gap, words)


def _room_for_names(rows: Sequence[Sequence[Text]], gap: int, width: int) -> int:
    figures_widths = _widths(rows)[1:]
    return width - sum(figures_widths) - gap * len(figures_widths)


def _folded(name: Text, width: int) -> Text:
    """Fold a name behind its punctuation, and before the variant (``--cpu-b1``) that ends it."""
    stem, dashes, variant = name.plain.rpartition("--")
    pieces = [*_PIECE.findall(stem), dashes + variant] if stem else _PIECE.findall(name.plain)
    lines = [""]
    for piece in pieces:
        if lines[-1] and cell_len(lines[-1] + piece) > width:
            lines.append("")
        lines[-1] += piece
    return Text("\n".join(lines), overflow="fold")


def _cells(rows: Sequence[Row], confidence: str, words: Words, between: str) -> list[list[Text]]:
    """Return the head and one line per row; cells of two parts are joined by a blank or a line break."""
    separator = Text(between)
    parts = [_head(confidence), *(_parts(row) for row in rows)]
    cells = [[separator.join(words.plain(part) for part in cell) for cell in line] for line in parts]
    ends = [words.plain("verdict"), *(words.verdict(row.kind) for row in rows)]
    return [[*line, end] for line, end in zip(cells, ends, strict=True)]


def _head(confidence: str) -> tuple[tuple[str, ...], ...]:
    interval = f"[{confidence}]" if confidence else "[interval]"
    return ("benchmark",), ("latency",), ("energy/step",), ("gCO2e/1k", "steps"), ("change", interval)


def _parts(row: Row) -> tuple[tuple[str, ...], ...]:
    energy = tuple(row.energy.replace(" ± ", "\n± ").split("\n"))
    return (row.id,), (row.latency,), energy, (row.carbon,), row.change


def _widths(rows: Sequence[Sequence[Text]]) -> list[int]:
    lines = ((max(cell_len(line) for line in cell.plain.split("\n")) for cell in row) for row in rows)
    return [max(column) for column in zip(*lines, strict=True)]


def _table(rows: Sequence[Sequence[Text]], gap: int, words: Words) -> Table:
    columns = [
        Column(header=head, width=width, justify="right" if number in _NUMBERS else "left", overflow="fold")
        for number, (head, width) in enumerate(zip(rows[0], _widths(rows), strict=True))
    ]
    # The box brings one blank between columns.
    table = Table(
        *columns,
        box=_RULED if words.unicode else _RULED_ASCII,
        padding=(0, gap - 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="",
    )
    for row in rows[1:]:
        table.add_row(*row)
    return table
