"""``pytest-energy history``: its arguments."""

import argparse
from typing import Any

_HELP = "show what benchmarks cost from run to run, and where that changed"


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "history", help=_HELP, description=_HELP[0].upper() + _HELP[1:] + ".", allow_abbrev=False
    )
    parser.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="file that --energy-history appends to (default: 'history' in [tool.pytest-energy])",
    )
    parser.add_argument(
        "benchmark", nargs="?", metavar="BENCHMARK", help="id of a benchmark, to show it run by run"
    )
    parser.add_argument(
        "--environment",
        metavar="ENV",
        help="id of the environment (default: all; for one benchmark this machine's, or the only one)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for other programs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: numpy takes a tenth of a second, which the other commands do not need.
    from pytest_energy.cli import history_answer  # noqa: PLC0415

    return history_answer.run(arguments)
