"""``pytest-energy report``: its arguments."""

import argparse
from typing import Any

from pytest_energy.options import OPTIONS

_HELP = "make reports and exports from a results file, without measuring again"
_DESCRIPTION = """\
Make reports and exports from a file that --energy-json wrote. Without an option the report is printed, as
pytest printed it. Nothing is measured, and verdicts stay as they were.
"""
_NAMES = frozenset({"html", "markdown", "export", "history"})
_HISTORY = "file that --energy-history appended to, for charts over time in the HTML page; it is only read"


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("report", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("results", metavar="RESULTS.json", help="file that --energy-json wrote")
    for option in OPTIONS:
        if option.name in _NAMES:
            words = _HISTORY if option.name == "history" else option.help
            parser.add_argument(f"--{option.name}", dest=option.dest, help=words, **option.arguments)
            # Advice in messages names pytest's flag, which should work here as well.
            parser.add_argument(option.flag, dest=option.dest, help=argparse.SUPPRESS, **option.arguments)
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print the evidence of every verdict, too"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: numpy takes a tenth of a second, which the other commands do not need.
    from pytest_energy.cli import report_answer  # noqa: PLC0415

    return report_answer.run(arguments)
