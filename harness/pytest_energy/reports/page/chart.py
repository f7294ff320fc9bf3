"""A chart of the page: its kind, which names a Vega-Lite specification, and the rows that it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Cell = str | float | bool | None

_DIGITS = 5  # more than a reader or a pixel can tell apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart, with what stands in for it where it cannot be seen.

    Attributes:
        kind: Names the specification ``specs/KIND.json``, which refers to columns by their names.
        title: What it shows.
        alternative: What a reader who sees it learns from it, in words.
        columns: By name, the head that each column has in the table below the chart. A column without a head
            is for the chart alone.
        rows: One cell per column.
    """

    kind: str
    title: str
    alternative: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Cell]]

    def to_plain(self) -> dict[str, Any]:
        """Return plain JSON values, figures rounded."""
        return {
            "kind": self.kind,
            "title": self.title,
            "alternative": self.alternative,
            "columns": [[name, head] for name, head in self.columns.items()],
            "rows": [[_rounded(cell) for cell in row] for row in self.rows],
        }


def _rounded(cell: Cell) -> Cell:
    return float(f"{cell:.{_DIGITS}g}") if isinstance(cell, float) else cell
