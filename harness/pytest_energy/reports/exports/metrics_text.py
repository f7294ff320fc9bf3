"""OpenMetrics text, for Prometheus and what else reads it; see the OpenMetrics 1.0 specification."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.reports.report import Electricity, Report
from pytest_energy.statistics.trimmed import typical

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gauge:
    """A metric that goes up and down; its name ends in its unit."""

    name: str
    unit: str
    help: str
    value: Callable[[Verdict], float | None]


_GAUGES = (
    _Gauge(
        name="pytest_energy_step_energy_joules",
        unit="joules",
        help="Energy of one step, DRAM left out.",
        value=lambda each: each.result.energy.energy_j,
    ),
    _Gauge(
        name="pytest_energy_step_energy_random_joules",
        unit="joules",
        help="Half-width of the band of that energy from timing.",
        value=lambda each: each.result.energy.random_j,
    ),
    _Gauge(
        name="pytest_energy_step_operational_co2e_grams",
        unit="grams",
        help="Operational emissions of one step.",
        value=lambda each: each.result.score.operational_g,
    ),
    _Gauge(
        name="pytest_energy_step_embodied_co2e_grams",
        unit="grams",
        help="Embodied emissions of one step.",
        value=lambda each: each.result.score.embodied_g,
    ),
    _Gauge(
        name="pytest_energy_step_duration_seconds",
        unit="seconds",
        help="Wall time of one step.",
        value=lambda each: typical([one.duration_s for one in each.result.processes]),
    ),
    _Gauge(
        name="pytest_energy_step_cpu_seconds",
        unit="seconds",
        help="CPU time of one step.",
        value=lambda each: typical([one.cpu_s for one in each.result.processes]),
    ),
    _Gauge(
        name="pytest_energy_change_ratio",
        unit="ratio",
        help="Relative change against what was compared with; 0.05 is 5 % more.",
        value=lambda each: None if each.change is None else each.change.point,
    ),
)
_HERE = "pytest_energy_step_operational_co2e_here_grams"
_PART = "pytest_energy_step_energy_part_joules"
_VERDICT = "pytest_energy_verdict"


def render(report: Report) -> str:
    """Render a report as OpenMetrics text. What is unknown has no sample."""
    return "\n".join((*_lines(report), "# EOF", ""))


def _lines(report: Report) -> Iterator[str]:
    labelled = [(_labels(verdict), verdict) for verdict in report.verdicts]
    for gauge in _GAUGES:
        yield from _head(gauge.name, "gauge", gauge.unit, gauge.help)
        for labels, verdict in labelled:
            value = gauge.value(verdict)
            if value is not None:
                yield _sample(gauge.name, labels, value)
    if report.here is not None:
        yield from _here(report.here, labelled)
    yield from _head(_PART, "gauge", "joules", "Energy of one step by component.")
    for labels, verdict in labelled:
        for part, joules in verdict.result.energy.parts_j.items():
            if joules is not None:
                yield _sample(_PART, {**labels, "part": part}, joules)
    yield from _head(_VERDICT, "stateset", "", "The verdict on the benchmark.")
    for labels, verdict in labelled:
        for kind in Kind:
            yield _sample(_VERDICT, {**labels, _VERDICT: str(kind)}, int(kind is verdict.kind))


def _here(here: Electricity, labelled: Sequence[tuple[Labels, Verdict]]) -> Iterator[str]:
    yield from _head(_HERE, "gauge", "grams", "Operational emissions of one step where or when it ran.")
    for labels, verdict in labelled:
        grams = verdict.result.energy.energy_j * here.g_per_j
        yield _sample(_HERE, {**labels, "place": here.intensity.code}, grams)


def _head(name: str, kind: str, unit: str, words: str) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    if unit:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {words}"


def _labels(verdict: Verdict) -> Labels:
    benchmark = verdict.result.benchmark
    return {
        "benchmark": benchmark.id,
        "model": benchmark.model or "",
        "provider": benchmark.provider or "",
        "environment": verdict.result.environment.id,
        "method": verdict.result.energy.method,
    }


def _sample(name: str, labels: Labels, value: float) -> str:
    written = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{written}}} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
