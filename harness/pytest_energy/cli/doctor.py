"""``pytest-energy doctor``: what this machine and this environment are, and what is wrong with them."""

import argparse
from pathlib import Path
from typing import Any

from pytest_energy.cli.screen import show, standard_screen

_HELP = "say what measures here and how well, and find what is wrong"
_DESCRIPTION = """\
Say what the machine is, which power profile holds for it and how sure that is, which energy counters can be
read, and which ONNX Runtime is installed; then everything that is wrong, with what to do about it. Exit code
1 if something is.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("doctor", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Look at everything and show it.

    Returns:
        The exit code: 1 if something is wrong.
    """
    # Imported here: what finds profiles and starts workers takes long, and few commands need it.
    from pytest_energy.cli.diagnosis import diagnose  # noqa: PLC0415

    diagnosis = diagnose(Path.cwd())
    screen = standard_screen()
    rows = (
        ("machine", diagnosis.machine),
        ("power", diagnosis.power),
        *((f"meter {name}", words) for name, words in diagnosis.meters),
        ("runtime", diagnosis.runtime),
    )
    screen.table(("", ""), rows, foldable=[1])
    screen.line()
    for number, fault in enumerate(diagnosis.faults, start=1):
        screen.unbroken(f"{number}. {fault}")
    if not diagnosis.faults:
        screen.line("Nothing is wrong.")
    for words in diagnosis.advice:
        screen.unbroken(f"Next: {words}")
    show(screen)
    return 1 if diagnosis.faults else 0
