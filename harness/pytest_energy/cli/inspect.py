"""``pytest-energy inspect``: its arguments."""

import argparse
from typing import Any

_HELP = "show what a model is, what a step of it costs to compute, and what would be fed to it and why"


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "inspect", help=_HELP, description=_HELP[0].upper() + _HELP[1:] + ".", allow_abbrev=False
    )
    parser.add_argument("model", metavar="MODEL", help="an ONNX model")
    parser.add_argument("--batch", type=_whole, default=1, metavar="N", help="size of the batch (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON, for other programs")
    parser.set_defaults(run=_run)


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of 1 or more")
    return number


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: the other commands do not need it.
    from pytest_energy.cli import inspect_show  # noqa: PLC0415

    return inspect_show.run(arguments)
