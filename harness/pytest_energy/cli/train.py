"""``pytest-energy train``: a model is trained on the user's data and written, with what that cost."""

import argparse
from typing import Any

from pytest_energy.cli.measuring_options import add_options, count_of
from pytest_energy.cli.recipe_options import add_recipe
from pytest_energy.quantities import parse_target

_HELP = "train a model on your data, write it, and tell what that cost"
_DESCRIPTION = """\
Train an ONNX inference model on your data, on any execution provider, and write the model with what it
learned. At its end it tells how training went, and what it cost: time, CPU time, energy and emissions of the
whole run.
"""
_EPILOG = """\
exit codes: 0 trained; 1 the target was missed (the file is written all the same), or training failed (no file
is written); 2 the command cannot be understood, or a file that it names cannot be used
"""
_OPTIONS = frozenset(
    {"provider", "ep-library", "profile", "region", "intensity", "pue", "embodied", "timeout", "memory"}
)
_WORDS = {
    "provider": "execution provider to train on, e.g. cpu or openvino (default: cpu)",
    "intensity": "carbon intensity of the electricity in gCO2e per kWh; takes precedence over --region",
    "timeout": "a worker that is silent for so long is killed (default 300); training may take as long as it "
    "likes",
    "memory": "a worker that holds more memory is killed: an amount such as 8GiB, or a share of what there "
    "is (default 75%%)",
}
_BATCH = 32


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "train", help=_HELP, description=_DESCRIPTION, epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument("model", metavar="MODEL", help="the inference model; it stays as it is")
    parser.add_argument("-o", "--output", required=True, metavar="TRAINED.onnx", help="the file to write")
    parser.add_argument(
        "--inputs",
        required=True,
        action="append",
        metavar="DATA",
        help="the rows to learn, by the names of the model's inputs, and labels: a file .npz (may be "
        "repeated), or FILE.py:FUNCTION that returns them",
    )
    _add_run(parser)
    add_recipe(parser, lowering=None)
    parser.add_argument("--json", dest="json_path", metavar="PATH", help="write everything as JSON too")
    add_options(parser, _OPTIONS, _WORDS)
    parser.set_defaults(run=run)


def _add_run(parser: argparse.ArgumentParser) -> None:
    """Declare how long it is trained, and in what portions."""
    parser.add_argument(
        "--batch", type=count_of, default=_BATCH, metavar="N", help=f"rows of a step (default {_BATCH})"
    )
    parser.add_argument("--shuffle", action="store_true", help="take the rows in a new order in each epoch")
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="seed of these orders (default 0)")
    parser.add_argument("--threads", type=count_of, default=1, metavar="N", help="threads (default 1)")
    parser.add_argument("--steps", type=count_of, metavar="N", help="end after so many batches")
    parser.add_argument("--epochs", type=count_of, metavar="N", help="end after so many passes over the data")
    parser.add_argument(
        "--target", type=_target, metavar="LOSS", help="end when an epoch's mean loss is below it"
    )
    parser.add_argument(
        "--patience", type=count_of, metavar="N", help="end after so many epochs without a lower loss"
    )


def run(arguments: argparse.Namespace) -> int:
    """Train the model, write it, and say what that came to.

    Returns:
        The exit code: 1 where the target was missed.

    Raises:
        HarnessError: What is wrong with model, data or provider, or with the file.
    """
    # Imported here: numpy, and what runs models, take long, and few commands need them.
    from pytest_energy.cli import train_answer  # noqa: PLC0415

    return train_answer.run(arguments)


def _target(text: str) -> float:
    """Read a loss, bare or as suites write it, ``loss < 0.2``."""
    try:
        return parse_target(text if "<" in text else f"loss < {text}")
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text!r} is no loss such as 0.2") from fault


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of 0 or more")
    return int(text)
