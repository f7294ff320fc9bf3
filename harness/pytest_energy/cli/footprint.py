"""``pytest-energy footprint``: its arguments."""

import argparse
from typing import Any

_HELP = "what results would come to elsewhere, on other hardware, so many times"
_DESCRIPTION = """\
Compute energy and emissions of results anew, without measuring: in other places, on other hardware, for so
many requests, each of which is one step. Only rows whose carbon intensities are on one basis are compared.
"""


def add_to(commands: "argparse._SubParsersAction[Any]") -> None:
    """Declare the command."""
    parser = commands.add_parser("footprint", help=_HELP, description=_DESCRIPTION, allow_abbrev=False)
    add = parser.add_argument
    add("results", metavar="RESULTS.json", help="file that --energy-json wrote")
    add("--benchmark", action="append", metavar="ID", help="only this benchmark; may be repeated")
    add("--requests-per-day", default="1e6", metavar="N", help="requests a day (default 1e6)")
    add("--years", default="1", metavar="Y", help="for so many years (default 1)")
    _add_places(parser.add_argument_group("where"))
    _add_hardware(parser.add_argument_group("on what"))
    _add_terms(parser.add_argument_group("what else counts"))
    add("--json", action="store_true", help="print JSON, for other programs")
    parser.set_defaults(run=_run)


def _add_places(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--region", action="append", default=[], metavar="CODE", help="a place, e.g. FR or aws/eu-north-1"
    )
    group.add_argument(
        "--intensity", action="append", default=[], metavar="G_PER_KWH", help="a carbon intensity of your own"
    )
    group.add_argument(
        "--live", metavar="SERVICE[:ZONE]", help="what electricity emits now, as --energy-live asks"
    )
    group.add_argument(
        "--pue", metavar="X|NAME", help="power usage effectiveness everywhere (default: each region's own)"
    )


def _add_hardware(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--profile", action="append", default=[], metavar="NAME", help="a power profile or an accelerator"
    )
    group.add_argument(
        "--model", metavar="FILE", help="the model, for an accelerator (default: where it was measured)"
    )
    group.add_argument("--macs", metavar="N", help="multiply-accumulates of a step, instead of its graph's")
    group.add_argument("--bytes", metavar="N", help="bytes that a step reads and writes, likewise")
    group.add_argument(
        "--precision", choices=("float32", "float16", "int8"), default="float32", help="default float32"
    )


def _add_terms(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--embodied", metavar="DEVICE[,lifetime=YEARS][,share=PART]", help="making the machine, e.g. server"
    )
    group.add_argument(
        "--store", action="append", default=[], metavar="SIZE[:ssd|hdd]", help="data that is kept, e.g. 50GB"
    )
    group.add_argument(
        "--transfer", metavar="SIZE[:internet|datacentre]", help="what each request carries, e.g. 200kB"
    )


def _run(arguments: argparse.Namespace) -> int:
    # Imported here: reading results takes msgspec and numpy, which the other commands do not need.
    from pytest_energy.cli import footprint_answer  # noqa: PLC0415

    return footprint_answer.run(arguments)
