"""Details in Markdown: what counters showed, how sessions start, what providers computed, where nodes ran."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pytest_energy.quantities import format_quantity
from pytest_energy.reports import figures
from pytest_energy.reports.evidence import ENDINGS
from pytest_energy.reports.markdown_pieces import fitted, folded, table
from pytest_energy.reports.report import Report
from pytest_energy.results.result import Result
from pytest_energy.results.training import InputPipelineCost

_ROOM = 1_500  # characters of each table


@dataclass(frozen=True, slots=True, kw_only=True)
class _Details:
    """One table; another is a row of ``_TABLES``.

    Attributes:
        title: What it shows.
        heads: Heads of its columns, after that of the benchmark.
        rows: What it says of a benchmark; nothing where nothing is known or all is as it should be.
    """

    title: str
    heads: tuple[str, ...]
    rows: Callable[[Result], Iterator[tuple[str, ...]]]


def details(report: Report) -> str:
    """Fold what is known besides the figures; empty where nothing is."""
    sections = [text for each in _TABLES if (text := _section(each, report))]
    return folded("Meters, starts, agreement, placement, training", "\n".join(sections)) if sections else ""


def _section(one: _Details, report: Report) -> str:
    results = [verdict.result for verdict in report.verdicts]
    rows = [(result.benchmark.id, *row) for result in results for row in one.rows(result)]
    if not rows:
        return ""
    first, rule, *lines = table(("benchmark", *one.heads), rows, aligned="---")
    return "\n".join([f"**{one.title}**", "", first, rule, fitted(lines, _ROOM)])


def _metered(result: Result) -> Iterator[tuple[str, ...]]:
    for one in result.energy.measured:
        yield (
            one.component,
            format_quantity(one.energy_j, "J", one.random_j),
            format_quantity(result.energy.parts_j.get(one.component), "J"),
            f"{one.power_w:.3g} W",
            f"{one.method}: {one.boundary}",
        )


def _started(result: Result) -> Iterator[tuple[str, ...]]:
    for phase in result.start:
        yield (
            phase.name,
            format_quantity(phase.duration_s, "s"),
            format_quantity(phase.cpu_s, "s"),
            format_quantity(phase.energy_j, "J"),
        )


def _agreed(result: Result) -> Iterator[tuple[str, ...]]:
    if result.agreement is not None:
        one = result.agreement
        yield one.output, f"{one.deviation:.2g}", f"{one.tolerance:g}"


def _placed(result: Result) -> Iterator[tuple[str, ...]]:
    """Yield where nodes ran, unless all ran where they were asked to."""
    placement = result.placement
    if placement is None or placement.share in {None, 1.0}:
        return
    nodes = ", ".join(f"{count} on {name}" for name, count in placement.nodes.items())
    time = "unknown" if placement.time_share is None else figures.share(placement.time_share)
    yield nodes, time, ", ".join(placement.fallback)


def _trained(result: Result) -> Iterator[tuple[str, ...]]:
    run = result.training
    if run is not None:
        yield (
            ENDINGS[run.ending],
            f"{run.batches:,}",
            f"{len(run.losses):,}",
            f"{run.losses[0]:.4g}",
            f"{run.losses[-1]:.4g}",
            _piped(run.pipeline),
        )


def _piped(one: InputPipelineCost | None) -> str:
    """Say what part of a run making its batches took; none where they lay ready."""
    if one is None:
        return "none"
    return f"{figures.small_share(one.cpu_share)} of CPU time, {format_quantity(one.energy_j, 'J')}"


_TABLES = (
    _Details(
        title="Measured energy per step, beside what is modelled; not gated",
        heads=("component", "measured", "modelled", "power", "how"),
        rows=_metered,
    ),
    _Details(
        title="Before the first step; not gated",
        heads=("phase", "time", "CPU time", "energy"),
        rows=_started,
    ),
    _Details(
        title="Deviation from the CPU provider's outputs, as a part of the largest entry",
        heads=("output", "deviation", "allowed"),
        rows=_agreed,
    ),
    _Details(
        title="Nodes that ran elsewhere than asked",
        heads=("nodes", "time on it", "elsewhere"),
        rows=_placed,
    ),
    _Details(
        title="Whole runs of training",
        heads=("it", "batches", "passes", "first loss", "last loss", "input pipeline"),
        rows=_trained,
    ),
)
