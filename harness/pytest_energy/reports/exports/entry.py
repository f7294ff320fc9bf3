"""An entry: one measured benchmark as one flat row, the same for every tabular format."""

from collections.abc import Iterator, Mapping

from pytest_energy.gate.contest import Contest
from pytest_energy.gate.standing import Quantity
from pytest_energy.gate.verdict import Change, Verdict
from pytest_energy.reports.report import Electricity, Report
from pytest_energy.reports.ways import contests_of
from pytest_energy.results.energy import EnergyEstimate
from pytest_energy.statistics.trimmed import typical

Cell = str | float | int | bool | None
Entry = Mapping[str, Cell]


def entries(report: Report) -> list[Entry]:
    """Return a row per benchmark that was measured. All have the same columns; None is unknown, never 0."""
    parts = sorted({name for verdict in report.verdicts for name in verdict.result.energy.parts_j})
    ranks = {key: entry for contest in contests_of(report, batches=True) for key, entry in _ranks(contest)}
    return [
        _entry(report, verdict, parts) | ranks.get(id(verdict.result), _UNRANKED)
        for verdict in report.verdicts
    ]


def _ranks(contest: Contest) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Yield for each way, by its result, where it stands among the ways of its model."""
    for number, way in enumerate(contest.ways):
        energy, latency = (
            contest.ranking(each).standings[number] for each in (Quantity.ENERGY, Quantity.LATENCY)
        )
        yield (
            id(way.result),
            {
                "compared_as": contest.name,
                "energy_rank": energy.rank,
                "energy_leads": energy.leads,
                "latency_rank": latency.rank,
                "latency_leads": latency.leads,
            },
        )


_UNRANKED: dict[str, Cell] = dict.fromkeys(
    ("compared_as", "energy_rank", "energy_leads", "latency_rank", "latency_leads")
)


def _entry(report: Report, verdict: Verdict, parts: list[str]) -> dict[str, Cell]:
    result = verdict.result
    benchmark, factors, score = result.benchmark, result.factors, result.score
    return {
        "time": report.time,
        "commit": report.commit,
        "environment": result.environment.id,
        "benchmark": benchmark.id,
        "model": benchmark.model,
        "mode": benchmark.mode,
        "provider": benchmark.provider,
        "batch": benchmark.batch,
        "threads": benchmark.threads,
        "verdict": str(verdict.kind),
        "fails": verdict.fails,
        **_energy(result.energy, parts),
        "carbon_operational_g": score.operational_g,
        "carbon_embodied_g": score.embodied_g,
        "intensity_g_per_kwh": score.intensity.g_per_kwh,
        "place": score.intensity.code,
        "pue": score.pue,
        **_here(report.here, result.energy.energy_j),
        "duration_s": typical([one.duration_s for one in result.processes]),
        "cpu_s": typical([one.cpu_s for one in result.processes]),
        "cost": typical([one.cost for one in result.processes]),
        "processes": len(result.processes),
        **_change("change", verdict.change),
        **_change("latency_change", verdict.latency),
        "confidence": verdict.change.confidence if verdict.change else None,
        "tolerance": verdict.tolerance,
        "baseline_energy_j": verdict.baseline.energy_j if verdict.baseline else None,
        "baseline_commit": verdict.baseline.provenance.commit if verdict.baseline else None,
        "baseline_date": verdict.baseline.provenance.date if verdict.baseline else None,
        "onnxruntime": factors.onnxruntime,
        "model_sha256": factors.model,
    }


def _energy(energy: EnergyEstimate, parts: list[str]) -> Entry:
    return {
        "energy_j": energy.energy_j,
        "energy_random_j": energy.random_j,
        "energy_systematic_low_j": energy.energy_j * energy.systematic_low,
        "energy_systematic_high_j": energy.energy_j * energy.systematic_high,
        **{f"energy_{part}_j": energy.parts_j.get(part) for part in parts},
        "energy_method": energy.method,
        "power_profile": energy.profile,
    }


def _here(here: Electricity | None, energy_j: float) -> Entry:
    """What the step emits where or when it ran; nothing is judged by it."""
    return {
        "carbon_here_g": here.g_per_j * energy_j if here else None,
        "intensity_here_g_per_kwh": here.intensity.g_per_kwh if here else None,
        "place_here": here.intensity.code if here else None,
        "pue_here": here.pue.value if here else None,
    }


def _change(name: str, change: Change | None) -> Entry:
    return {
        name: change.point if change else None,
        f"{name}_low": change.low if change else None,
        f"{name}_high": change.high if change else None,
    }
