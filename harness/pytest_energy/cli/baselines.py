"""``pytest-energy baselines``: what is recorded, one baseline in full, and whether all files are whole."""

import argparse
from pathlib import Path
from typing import Any

from pytest_energy.baselines.store import BaselineStore
from pytest_energy.cli import baselines_list, baselines_show, baselines_verify
from pytest_energy.cli.project import baselines_folder
from pytest_energy.cli.screen import show, standard_screen
from pytest_energy.environment import detect_machine
from pytest_energy.options import OPTIONS

_FOLDER = next(option for option in OPTIONS if option.name == "baselines")
_HELP = "list, show and verify the baselines that pytest --energy compares with"


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command and its own three."""
    parser = commands.add_parser("baselines", help=_HELP, description=_HELP[0].upper() + _HELP[1:] + ".")
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(parts, "list", _list, "one line per baseline, by environment")
    one = _add(parts, "show", _show, "everything in one baseline")
    one.add_argument("id", metavar="ID", help="id of the benchmark, as list shows it")
    one.add_argument(
        "--environment",
        metavar="ENV",
        help="id of the environment (default: this machine's, or the only one)",
    )
    _add(parts, "verify", _verify, "check every file: exit code 1 if one is damaged, misplaced or edited")


def _add(
    parts: "argparse._SubParsersAction[Any]", name: str, run: Any, words: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(
        name, help=words, description=words[0].upper() + words[1:] + ".", allow_abbrev=False
    )
    parser.add_argument("--baselines", metavar=_FOLDER.metavar, help=_FOLDER.help)
    parser.set_defaults(run=run)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    screen = standard_screen()
    code = baselines_list.run(_store(arguments), screen, _here())
    show(screen)
    return code


def _show(arguments: argparse.Namespace) -> int:
    screen = standard_screen()
    code = baselines_show.run(_store(arguments), screen, arguments.id, arguments.environment, _here())
    show(screen)
    return code


def _verify(arguments: argparse.Namespace) -> int:
    screen = standard_screen()
    code = baselines_verify.run(_store(arguments), screen)
    show(screen)
    return code


def _store(arguments: argparse.Namespace) -> BaselineStore:
    return BaselineStore(baselines_folder(arguments.baselines, Path.cwd()))


def _here() -> str:
    return detect_machine().environment.id
