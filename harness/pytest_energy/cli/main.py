"""The command ``pytest-energy``: its arguments, its exit codes, and the end of every error."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from pytest_energy.cli import (
    baselines,
    compare,
    doctor,
    footprint,
    history,
    inspect,
    noise,
    profiles,
    providers,
    report,
    run,
    train,
    train_graph,
)
from pytest_energy.cli.screen import complain
from pytest_energy.errors import BaselineError, HarnessError, HistoryError, ModelError, UsageError

FOUND = 1
"""Exit code of a command that found something."""

USAGE = 2
"""Exit code of a command that asks for what cannot be done, as with a file that cannot be used."""

_UNUSABLE = (UsageError, ModelError, BaselineError, HistoryError)

_INTERRUPTED = 130  # what shells report for a command that Ctrl-C ended
_BROKEN_PIPE = 141  # and for one whose reader went away, as head does

_DESCRIPTION = (
    "Beside pytest --energy: its baselines and its history, comparisons side by side, and this machine."
)
_EPILOG = """\
examples:
  pytest --energy                      measure the suite, and fail what regressed
  pytest --energy --energy-update      record baselines, or update those that improved
  pytest-energy baselines list         what is recorded, and on which machines
  pytest-energy baselines show ID      one baseline in full
  pytest-energy baselines verify       check every file, e.g. before a commit
  pytest-energy compare --paired OLD.onnx NEW.onnx
                                       two models side by side
  pytest-energy compare A.json B.json  what results files have of a model in several ways
  pytest-energy run --python ENV models/
                                       this environment and another one side by side
  pytest-energy inspect MODEL          what a model is, and what would be fed to it and why
  pytest-energy train MODEL -o TRAINED.onnx --inputs DATA.npz --epochs 20
                                       a model trained on your data, and what that cost
  pytest-energy train-graph MODEL -o STEP.onnx
                                       a training step of an inference model
  pytest-energy history FILE           costs from run to run, and where they changed
  pytest-energy footprint RESULTS.json --region FR --region aws/eu-north-1
                                       what results would come to elsewhere
  pytest-energy report RESULTS.json --html F
                                       a page with charts of what was measured
  pytest-energy noise                  how noisy this machine is, and what that means
  pytest-energy profiles detect        which power profile this machine has, and why
  pytest-energy profiles calibrate -o FILE
                                       a profile by this machine's own energy counter
  pytest-energy providers              which execution providers run here, and what others need
  pytest-energy doctor                 what is wrong here, and what helps

The gate itself is pytest: see the flags that begin with --energy in pytest --help.

exit codes: 0 all is well; 1 something was found; 2 the command cannot be understood, or a file that
it names cannot be used
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; faults of the user are sentences, never tracebacks."""
    try:
        code = _answer(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more when it ends, and would complain about the pipe then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return code


def _answer(argv: Sequence[str] | None) -> int:
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
        if arguments.version:
            print(f"pytest-energy {version('pytest-energy')}")
            return 0
        if arguments.run is None:
            parser.print_help(sys.stderr)
            return USAGE
        return int(arguments.run(arguments))
    except SystemExit as ended:  # argparse has said it all
        return int(ended.code or 0)
    except HarnessError as error:
        complain(str(error))
        return USAGE if isinstance(error, _UNUSABLE) else FOUND
    except KeyboardInterrupt:
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pytest-energy",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    baselines.add_to(commands)
    compare.add_to(commands)
    run.add_to(commands)
    inspect.add_to(commands)
    history.add_to(commands)
    footprint.add_to(commands)
    train.add_to(commands)
    train_graph.add_to(commands)
    report.add_to(commands)
    noise.add_to(commands)
    providers.add_to(commands)
    profiles.add_to(commands)
    doctor.add_to(commands)
    return parser
