"""``pytest-energy compare``: its arguments."""

import argparse
from typing import Any

from pytest_energy.cli.measuring_options import add_options, add_shape

_HELP = "compare the energy of two models, by running both in alternation"
_DESCRIPTION = """\
Compare the energy of one inference of two models. Both run in the same processes, in alternation, so that 2 %
can be told. No baseline is needed, and none is written.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("compare", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument(
        "--paired",
        nargs=2,
        required=True,
        metavar=("OLD.onnx", "NEW.onnx"),
        help="the two models; the exit code is 1 if the new one needs more",
    )
    add_shape(parser, "both")
    add_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: what measures needs numpy, and no other command should wait for that.
    from pytest_energy.cli import compare_models  # noqa: PLC0415

    return compare_models.run(arguments)
