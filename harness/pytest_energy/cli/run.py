"""``pytest-energy run``: its arguments."""

import argparse
from typing import Any

from pytest_energy.cli.measuring_options import add_options, add_shape

_HELP = "compare the energy of models in several environments, e.g. with other builds of ONNX Runtime"
_DESCRIPTION = """\
Compare the energy of models in this environment with that in another one, by running them in both in
alternation: what an upgrade of ONNX Runtime costs, for example. The other environment is the old side. With
several --python these are compared with each other, each on those of the asked-for providers that it has, and
nothing is judged. An environment needs numpy and ONNX Runtime, but not pytest-energy. No baseline is needed,
and none is written.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("run", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument(
        "--python",
        required=True,
        action="append",
        metavar="PATH",
        help="the other environment: its folder, or its Python; the exit code is 1 if more is needed here. "
        "Several are compared with each other",
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
    from pytest_energy.cli import run_environments, run_suites  # noqa: PLC0415

    several = len(arguments.python) > 1
    return run_environments.run(arguments) if several else run_suites.run(arguments)
