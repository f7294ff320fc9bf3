"""Every option, declared once: a flag of pytest, most of them also a key of [tool.pytest-energy]."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["flag", "text", "percent", "number", "figure", "memory", "path", "list", "named paths"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One setting.

    Attributes:
        name: The key in ``[tool.pytest-energy]``; the flag is ``--energy-NAME``.
        kind: How a value is read. A ``figure`` is a number or a name; flags of a ``list`` and of ``named
            paths`` (``NAME=PATH``) may be repeated.
        help: What it does, as shown by ``pytest --help``.
        metavar: The placeholder in the help text.
        default: The built-in value, in the form that a user would write.
        in_file: Whether pyproject.toml may hold it. What disarms or rewrites the gate may not:
            a committed ``update = true`` would disarm it for ever.
        on_command_line: Whether it is a flag.
    """

    name: str
    kind: Kind
    help: str
    metavar: str = ""
    default: str | float | bool | tuple[str, ...] | None = None
    in_file: bool = True
    on_command_line: bool = True

    @property
    def flag(self) -> str:
        """The command-line flag."""
        return "--energy" if self.name == "energy" else f"--energy-{self.name}"

    @property
    def dest(self) -> str:
        """The attribute under which pytest stores the flag."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def arguments(self) -> dict[str, Any]:
        """What argparse is told of it; None means that it was not given, whatever its default."""
        if self.kind == "flag":
            return {"action": "store_true", "default": None}
        action = "append" if self.kind in {"list", "named paths"} else "store"
        return {"action": action, "default": None, "metavar": self.metavar}


OPTIONS: tuple[Option, ...] = (
    Option(
        name="energy",
        kind="flag",
        in_file=False,
        default=False,
        help="measure the energy of models and of tests that use the energy fixture, compare it with the "
        "baselines, and fail what regressed",
    ),
    Option(
        name="update",
        kind="flag",
        in_file=False,
        default=False,
        help="write a baseline for every benchmark that runs; one that regressed is accepted only with "
        "--energy-reason",
    ),
    Option(
        name="reason",
        kind="text",
        metavar="TEXT",
        in_file=False,
        help="why a regression is accepted by --energy-update; stored in the baseline",
    ),
    Option(
        name="models",
        kind="list",
        metavar="GLOB",
        default=(),
        on_command_line=False,
        help="models to benchmark when no path is named on the command line, relative to pyproject.toml",
    ),
    Option(
        name="baselines",
        kind="path",
        metavar="DIR",
        default="baselines",
        help="folder of the baselines (default: baselines, beside the nearest pyproject.toml with "
        "[tool.pytest-energy]; without one, in the rootdir of pytest)",
    ),
    Option(
        name="tolerance",
        kind="percent",
        metavar="PCT",
        default="5%",
        help="how much worse is a regression, e.g. 5%% (default 5%%; 15%% for what runs in one process)",
    ),
    Option(
        name="fail-on",
        kind="text",
        metavar="KINDS",
        default="regressed",
        help="comma-separated verdicts that fail: regressed, new, inconclusive, incomparable "
        "(default regressed; in CI regressed,new is recommended)",
    ),
    Option(
        name="strict",
        kind="flag",
        default=False,
        help="fail on everything but PASSED, IMPROVED and UNCHANGED; an unavailable provider fails too",
    ),
    Option(
        name="provider",
        kind="list",
        metavar="NAME",
        default=(),
        help="execution provider to run on, e.g. cpu or openvino; may be repeated (default: the suite's, or "
        "cpu)",
    ),
    Option(
        name="ep-library",
        kind="list",
        metavar="NAME=PATH",
        default=(),
        help="library of a plugin execution provider, and the name by which suites and tests name it; may be "
        "repeated",
    ),
    Option(
        name="profile",
        kind="text",
        metavar="NAME|FILE",
        help="power profile of this machine (default: detected)",
    ),
    Option(
        name="region",
        kind="text",
        metavar="CODE",
        help="where the electricity comes from: ISO country code, US-CA, CA-QC, aws/eu-west-1 ... (default: "
        "world average)",
    ),
    Option(
        name="intensity",
        kind="number",
        metavar="G_PER_KWH",
        help="carbon intensity of the electricity in gCO2e per kWh; takes precedence over --energy-region",
    ),
    Option(
        name="pue",
        kind="figure",
        metavar="X|NAME",
        default=1.0,
        help="power usage effectiveness of the building: 1 or more, an operator such as aws, or a cloud "
        "region such as aws/eu-west-1 (default 1.0)",
    ),
    Option(
        name="embodied",
        kind="text",
        metavar="DEVICE[,lifetime=YEARS][,share=PART]",
        help="count emissions of making the machine too, beside the figures: a device such as server, or kg; "
        "nothing is judged by it (default: left out)",
    ),
    Option(
        name="live",
        kind="text",
        metavar="SERVICE[:ZONE]",
        help="ask electricity-maps, uk-carbon-intensity or watttime what electricity emits now, and report "
        "it beside the figures; nothing is judged by it, and without this nothing is asked",
    ),
    Option(
        name="live-cache",
        kind="path",
        metavar="FILE",
        help="keep live answers in this file for 15 minutes, so that several runs ask once",
    ),
    Option(
        name="against",
        kind="text",
        metavar="REV",
        in_file=False,
        help="compare with the models of this git revision, e.g. origin/main, instead of with baselines; "
        "both versions run in the same processes, so that 2%% can be told",
    ),
    Option(
        name="only-changed",
        kind="flag",
        default=False,
        help="do not run a benchmark when everything recorded of it is as in its baseline: it is UNCHANGED",
    ),
    Option(
        name="time",
        kind="number",
        metavar="SECONDS",
        default=6.0,
        help="time budget per benchmark for a run (default 6); a new baseline takes about twice as long",
    ),
    Option(
        name="timeout",
        kind="number",
        metavar="SECONDS",
        default=300.0,
        help="a worker that is silent for so long, or runs ten times as long in all, is killed and its "
        "benchmark fails (default 300)",
    ),
    Option(
        name="memory",
        kind="memory",
        metavar="SIZE",
        default="75%",
        help="a worker that holds more memory is killed and its benchmark fails: an amount such as 8GiB, or "
        "a share of what the machine or its control group has (default 75%%)",
    ),
    Option(
        name="json",
        kind="path",
        metavar="PATH",
        help="write everything that was measured, raw samples included, as JSON",
    ),
    Option(
        name="markdown",
        kind="path",
        metavar="PATH",
        help="write the report as Markdown, for a pull request or $GITHUB_STEP_SUMMARY",
    ),
    Option(
        name="html",
        kind="path",
        metavar="PATH",
        help="write the report as one HTML page with charts, which opens without a network; each model is "
        "profiled once more for its operators",
    ),
    Option(
        name="export",
        kind="named paths",
        metavar="FORMAT=PATH",
        default=(),
        help="write the figures for another tool; may be repeated. Formats: bencher, codecarbon, csv, "
        "github-action-benchmark, mlflow (a folder), openmetrics, parquet",
    ),
    Option(
        name="history",
        kind="path",
        metavar="FILE",
        help="append every verdict with its figures to one file, which pytest-energy history shows over time",
    ),
)
