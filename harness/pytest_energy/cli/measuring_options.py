"""Options of commands that measure: rows of the table of options, without the prefix of pytest's flags."""

import argparse
from collections.abc import Collection, Mapping
from pathlib import Path

from pytest_energy.cli.project import project_root
from pytest_energy.options import OPTIONS
from pytest_energy.settings import Settings, read_project, read_settings

_NAMES = frozenset(
    {
        "tolerance",
        "fail-on",
        "strict",
        "provider",
        "ep-library",
        "profile",
        "region",
        "intensity",
        "pue",
        "embodied",
        "live",
        "live-cache",
        "time",
        "timeout",
        "memory",
        "json",
        "markdown",
        "html",
        "export",
    }
)
# What is to be said otherwise than for pytest.
_HELP = {
    "fail-on": "comma-separated verdicts for which the exit code is 1: regressed, inconclusive (default "
    "regressed)",
    "intensity": "carbon intensity of the electricity in gCO2e per kWh; takes precedence over --region",
    "tolerance": "how much worse is a regression (default 2%%: what runs in alternation can be told so well)",
    "time": "time budget per benchmark (default 6)",
    "timeout": "a worker that is silent for so long, or runs ten times as long in all, is killed (default "
    "300)",
    "memory": "a worker that holds more memory is killed: an amount such as 8GiB, or a share of what there "
    "is (default 75%%)",
}
_SHAPE = {"batch": "size of the free first dimension of inputs", "threads": "threads"}


def add_options(
    parser: argparse.ArgumentParser, names: Collection[str] = _NAMES, words_for: Mapping[str, str] = _HELP
) -> None:
    """Declare the options of a command that measures.

    Args:
        parser: The command's parser.
        names: The options that it has; all by default.
        words_for: What is to be said otherwise than for pytest.
    """
    for option in OPTIONS:
        if option.name in names:
            words = words_for.get(option.name, option.help)
            parser.add_argument(f"--{option.name}", dest=option.dest, help=words, **option.arguments)
            # Advice in messages names pytest's flag, which should work here as well.
            parser.add_argument(option.flag, dest=option.dest, help=argparse.SUPPRESS, **option.arguments)


def add_shape(parser: argparse.ArgumentParser, of_what: str) -> None:
    """Declare how models are run."""
    for name, words in _SHAPE.items():
        parser.add_argument(
            f"--{name}", type=count_of, default=1, metavar="N", help=f"{words} of {of_what} (default 1)"
        )


def given_options(arguments: argparse.Namespace) -> list[str]:
    """Return the names of the measuring options that were given."""
    given = [each.name for each in OPTIONS if getattr(arguments, each.dest, None) is not None]
    return [*given, *(name for name in _SHAPE if getattr(arguments, name) != 1)]


def settings_of(arguments: argparse.Namespace, folder: Path) -> Settings:
    """Read what was given, and what pyproject.toml says of the rest.

    The files that pyproject.toml names hold what pytest --energy found. They are not written here.

    Args:
        arguments: What argparse read.
        folder: Where the command was started.

    Raises:
        SettingsError: A value cannot be used.
    """
    root = project_root(folder)
    given = {option.name: getattr(arguments, option.dest, None) for option in OPTIONS}
    flags = {name: value for name, value in given.items() if value is not None}
    files = {option.name for option in OPTIONS if option.kind in {"path", "named paths"}}
    project = {name: value for name, value in read_project(root).items() if name not in files}
    return read_settings(flags, project, root, folder)


def count_of(text: str) -> int:
    """Read a whole number of 1 or more, for argparse."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} must be 1 or more")
    return count
