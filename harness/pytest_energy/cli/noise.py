"""``pytest-energy noise``: how noisy this machine is, by trials in which nothing changes."""

import argparse
import math
from collections.abc import Callable
from typing import Any

_HELP = "measure how noisy this machine is, and what that means for the gate"
_DESCRIPTION = """\
Measure how noisy this machine is. A model is measured again and again though nothing changes, each time as
pytest --energy would, and judged at several tolerances. It takes about a minute, in which nothing else should
be started.
"""
_TIME_S = 60.0
_LEAST_TRIALS = 6  # as the sampling of trials has it; importing that would slow down every command


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("noise", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="model to measure (default: a small one that is built in)"
    )
    parser.add_argument(
        "--trials",
        type=_at_least(_LEAST_TRIALS, int),
        metavar="N",
        help=f"number of trials, {_LEAST_TRIALS} or more (default: as many as the time allows)",
    )
    parser.add_argument(
        "--time",
        type=_at_least(0.0, float),
        metavar="SECONDS",
        help=f"time for all trials, of which {_LEAST_TRIALS} are always taken (default: {_TIME_S:g}, or no "
        "limit with --trials)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for other programs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure the noise and show it.

    Returns:
        The exit code, 0: noise is no fault.

    Raises:
        HarnessError: The model cannot be measured.
    """
    # Imported here: numpy, and what measures, take long, and few commands need them.
    from pytest_energy.cli import noise_measured, noise_show  # noqa: PLC0415

    is_unbounded = arguments.time is None and arguments.trials is None
    measured = noise_measured.measure(
        arguments.model, arguments.trials, _TIME_S if is_unbounded else arguments.time
    )
    if arguments.json:
        print(noise_show.as_json(measured))
    else:
        noise_show.run(measured)
    return 0


def _at_least(least: float, kind: Callable[[str], float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and value >= least:
            return value
        raise argparse.ArgumentTypeError(f"{text!r} must be a number, {least:g} or more")

    return read
