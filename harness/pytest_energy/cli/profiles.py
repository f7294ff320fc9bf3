"""``pytest-energy profiles``: which there are, which is this machine's, and how to make one's own."""

import argparse
from pathlib import Path
from typing import Any

_HELP = "list, show, detect, validate and calibrate power profiles: what devices draw"


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command and its own five."""
    parser = commands.add_parser("profiles", help=_HELP, description=_HELP[0].upper() + _HELP[1:] + ".")
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listed = _add(parts, "list", _list, "one line per profile")
    listed.add_argument(
        "words", nargs="*", metavar="WORD", help="only those whose id or name holds all words"
    )
    shown = _add(parts, "show", _show, "everything in one profile, with the source of each figure")
    shown.add_argument("id", metavar="ID|FILE", help="id or alias of a profile, or a file")
    for one in (listed, shown, _add(parts, "detect", _detect, "which profile this machine has, and why")):
        one.add_argument("--json", action="store_true", help="print JSON, for other programs")
    _add_calibrate(parts)
    checked = _add(parts, "validate", _validate, "check files of profiles: exit code 1 if one is faulty")
    checked.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a .toml file")


def _add(
    parts: "argparse._SubParsersAction[Any]", name: str, run: Any, words: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parts.add_parser(
        name, help=words, description=words[0].upper() + words[1:] + ".", allow_abbrev=False
    )
    parser.set_defaults(run=run)
    return parser


def _add_calibrate(parts: "argparse._SubParsersAction[Any]") -> None:
    parser = _add(
        parts,
        "calibrate",
        _calibrate,
        "fit a profile for this machine to its energy counter, read while none, some and all cores are busy; "
        "nothing else should run meanwhile",
    )
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FILE", help="file to write, .toml"
    )
    parser.add_argument("--id", metavar="ID", help="id of the profile (default: the name of the file)")
    parser.add_argument(
        "--time", type=float, default=3.0, metavar="SECONDS", help="time for each step (default: %(default)g)"
    )
    parser.add_argument("--model", type=Path, metavar="MODEL", help="a model of yours to try the profile on")
    parser.add_argument(
        "--powercap",
        type=Path,
        metavar="DIR",
        help="folder of RAPL counters, e.g. the host's in a container (default: /sys/class/powercap)",
    )


# What follows is imported late: the catalogue takes longer to import than most commands take to run.


def _list(arguments: argparse.Namespace) -> int:
    from pytest_energy.cli import profiles_list  # noqa: PLC0415

    return profiles_list.run(arguments.words, as_json=arguments.json)


def _show(arguments: argparse.Namespace) -> int:
    from pytest_energy.cli import profiles_show  # noqa: PLC0415

    return profiles_show.run(arguments.id, as_json=arguments.json)


def _detect(arguments: argparse.Namespace) -> int:
    from pytest_energy.cli import profiles_detect  # noqa: PLC0415

    return profiles_detect.run(as_json=arguments.json)


def _validate(arguments: argparse.Namespace) -> int:
    from pytest_energy.cli import profiles_validate  # noqa: PLC0415

    return profiles_validate.run(arguments.files)


def _calibrate(arguments: argparse.Namespace) -> int:
    from pytest_energy.cli import profiles_calibrate  # noqa: PLC0415

    return profiles_calibrate.run(
        profiles_calibrate.Order(
            output=arguments.output,
            id=arguments.id or arguments.output.stem.lower(),
            window_s=arguments.time,
            model=arguments.model,
            powercap=arguments.powercap,
        )
    )
