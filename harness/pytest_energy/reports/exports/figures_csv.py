"""All figures as CSV: one row per benchmark, for spreadsheets and data frames."""

import csv
from io import StringIO

from pytest_energy.reports.exports.entry import Cell, entries
from pytest_energy.reports.report import Report

# What begins a formula in a spreadsheet; names come from users.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: Report) -> str:
    """Render a report as CSV by RFC 4180: a head, then one row per measured benchmark.

    Unknown is an empty cell. A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    rows = entries(report)
    out = StringIO(newline="")
    if rows:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _cell(cell) for name, cell in row.items()} for row in rows)
    return out.getvalue()


def _cell(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
