"""``pytest-energy run``: its arguments."""

import argparse
from typing import Any

from pytest_energy.cli.measuring_options import add_options, add_shape

_HELP = "compare the energy of models here and in another environment, e.g. with another ONNX Runtime"
_DESCRIPTION = """\
Compare the energy of models in this environment with that in another one, by running them in both in
alternation: what an upgrade of ONNX Runtime costs, for example. The other environment is the old side. It
needs numpy and ONNX Runtime, but not pytest-energy. No baseline is needed, and none is written.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("run", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument(
        "--python",
        required=True,
        metavar="PATH",
        help="the other environment: its folder, or its Python; the exit code is 1 if more is needed here",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="suites, folders with suites, and models (default: 'models' in [tool.pytest-energy])",
    )
    add_shape(parser, "models that are named by themselves")
    add_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: what measures needs numpy, and no other command should wait for that.
    from pytest_energy.cli import run_suites  # noqa: PLC0415

    return run_suites.run(arguments)
