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
        """Return plain JSON values, figures rounded; cells column by column, which packs them better."""
        return {
            "kind": self.kind,
            "title": self.title,
            "alternative": self.alternative,
            "columns": [[name, head] for name, head in self.columns.items()],
            "cells": [_rounded(column) for column in zip(*self.rows, strict=True)],
        }


def _rounded(column: Sequence[Cell]) -> Sequence[Cell]:
    # There are hundreds of thousands of cells: a column without floats is left as it is.
    if float not in set(map(type, column)):
        return column
    return [float(f"{cell:.{_DIGITS}g}") if isinstance(cell, float) else cell for cell in column]
