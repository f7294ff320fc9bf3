"""``pytest-energy compare``: its arguments."""

import argparse
from typing import Any

from pytest_energy.cli.measuring_options import add_options, add_shape
from pytest_energy.errors import UsageError

_HELP = "compare models in all the ways that results files have them, or two models side by side"
_DESCRIPTION = """\
Compare, without measuring, what files hold that --energy-json wrote: each model on its providers, with its
threads, batches and precisions, on the machines of the files. Or run two models in the same processes, in
alternation, so that 2 % can be told: --paired. No baseline is needed, and none is written. With results files
all options but --json and --markdown are without meaning.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("compare", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("results", nargs="*", metavar="RESULTS.json", help="files that --energy-json wrote")
    parser.add_argument(
        "--paired",
        nargs=2,
        metavar=("OLD.onnx", "NEW.onnx"),
        help="two models to be run; the exit code is 1 if the new one needs more",
    )
    add_shape(parser, "both")
    add_options(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: what measures needs numpy, and no other command should wait for that.
    from pytest_energy.cli import compare_models, compare_results  # noqa: PLC0415

    if bool(arguments.paired) == bool(arguments.results):
        raise UsageError(
            "Name either results files, pytest-energy compare A.json B.json, or two models to be run, "
            "pytest-energy compare --paired OLD.onnx NEW.onnx."
        )
    return compare_models.run(arguments) if arguments.paired else compare_results.run(arguments)
