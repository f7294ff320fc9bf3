"""A sample report that has everything a report can show, drawn by chance from a seed: nothing is measured.

    python tests/benchmarks/rich_report.py COUNT RESULTS.json HISTORY.db

writes its results and its history, to look at reports.
"""

import random
import sys
from dataclasses import replace
from pathlib import Path

from sample_report import FRANCE, PROVIDERS, sample_pair, sample_report

from pytest_energy.baselines.history import History, HistoryEntry
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports import results_json
from pytest_energy.reports.report import Electricity, Report
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import MeasuredEnergy, Pue
from pytest_energy.results.phase import Phase
from pytest_energy.results.placement import Placement
from pytest_energy.results.training import Training, TrainingRecord


def rich_report(count: int, seed: int = 8) -> tuple[Report, list[HistoryEntry]]:
    """Return such a report with a whole run of training, an accelerator with a meter, and where it ran."""
    report, history = sample_report(count, seed)
    chance = random.Random(seed + 1)  # noqa: S311 - a sample, no secret
    made = [_trained(chance), _metered(chance)]
    here = Electricity(
        intensity=FRANCE,
        pue=Pue(value=1.11, place="a cloud's Paris region", year=2024, source="its operator's report"),
        because="the environment names the region",
    )
    return replace(report, verdicts=(*report.verdicts, *made), here=here), history


def _trained(chance: random.Random) -> Verdict:
    """A run of training that reached its target."""
    training = Training(optimizer="adamw", target=0.2, epochs=40)
    benchmark = Benchmark(
        name="digits-cnn",
        model="models/digits-cnn.onnx",
        provider="cpu",
        batch=32,
        mode="training",
        training=training,
    )
    result, baseline = sample_pair(benchmark, -0.01, chance)
    losses = [2.28 * 0.82**number * (1 + chance.gauss(0, 0.04)) + 0.05 for number in range(14)]
    record = TrainingRecord(batches=14 * 45, ending="target", losses=(*losses, 0.19))
    result = replace(result, training=record, energy_per_sample_j=2.1e-3, carbon_per_sample_g=2.6e-8)
    return judge(result, baseline, Policy())


def _metered(chance: random.Random) -> Verdict:
    """A benchmark of which everything is known: a counter, phases of the start, agreement and placement."""
    benchmark = Benchmark(name="digits-cnn", model="models/digits-cnn.onnx", provider="openvino", threads=2)
    result, baseline = sample_pair(benchmark, 0.004, chance)
    measured = MeasuredEnergy(
        component="cpu",
        energy_j=result.energy.energy_j * 1.3,
        random_j=result.energy.energy_j * 0.02,
        power_w=61.0,
        method="measured RAPL package",
        boundary="the whole package, neighbours included",
        windows=12,
    )
    provider = PROVIDERS["openvino"][0]
    result = replace(
        result,
        energy=replace(result.energy, measured=(measured,)),
        placement=Placement(
            requested=provider,
            nodes={provider: 35, "CPUExecutionProvider": 2},
            time_share=0.962,
            sources=("profile",),
            fallback=("Resize (up)", "NonMaxSuppression (nms)"),
        ),
        agreement=Agreement(output="logits", deviation=2.3e-7, tolerance=1e-3, outputs=1),
        start=(
            Phase(name="session creation", duration_s=0.212, cpu_s=0.35, energy_j=0.9),
            Phase(name="first run", duration_s=0.021, cpu_s=0.03, energy_j=0.08),
        ),
    )
    return judge(result, baseline, Policy())


def main() -> None:
    """Write the files that the command line names."""
    report, entries = rich_report(int(sys.argv[1]))
    Path(sys.argv[2]).write_text(results_json.render(report), encoding="utf-8")
    History(Path(sys.argv[3])).append(entries)


if __name__ == "__main__":
    main()
