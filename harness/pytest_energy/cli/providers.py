"""``pytest-energy providers``: its arguments."""

import argparse
from typing import Any

_HELP = "say which execution providers run here, on what device, and what the others need"
_DESCRIPTION = """\
Try out every execution provider that is installed here, each in a process of its own, by running a small
model on it: say on what device it ran, and whether that is a real one. Of all others say what is missing.
Exit code 1 if none runs, or if several wheels of ONNX Runtime overwrote each other.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("providers", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="print all that is known as JSON")
    parser.add_argument(
        "--ep-library",
        action="append",
        metavar="NAME=PATH",
        help="try out the library of a plugin as well; may be repeated",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: what starts workers takes long to import, and few commands need it.
    from pytest_energy.cli import providers_shown  # noqa: PLC0415

    return providers_shown.run(arguments)
