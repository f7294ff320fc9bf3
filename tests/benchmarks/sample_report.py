"""A report of as many benchmarks as wanted, with histories, drawn by chance from a seed: nothing is measured.

    python tests/benchmarks/sample_report.py COUNT RESULTS.json HISTORY.db

writes its results and its history, to try reports on.
"""

import random
import sys
from dataclasses import replace
from pathlib import Path

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.history import History, HistoryEntry, flat
from pytest_energy.environment import Environment
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.reports import results_json
from pytest_energy.reports.report import NoVerdict, Report, Update
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, EnergyEstimate, Pins, SciScore
from pytest_energy.results.factors import Factors
from pytest_energy.results.operators import OperatorProfile, OperatorShare
from pytest_energy.results.placement import Placement
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples
from pytest_energy.statistics.trimmed import spread, typical

MODELS = (
    "digits-cnn",
    "text-encoder",
    "speech-tiny",
    "detector-nano",
    "ranker",
    "upscaler",
    "intent-classifier",
)
BATCHES = (1, 8, 32)
PROVIDERS = {"cpu": ("CPUExecutionProvider", 1.0), "openvino": ("OpenVINOExecutionProvider", 0.82)}
OPERATORS = ("Conv", "MatMul", "Gemm", "Relu", "LayerNormalization", "Softmax", "Add", "MaxPool", "Reshape")
REFERENCE_S = 0.0021
WATTS = 4.2

ENVIRONMENT = Environment(
    os="linux",
    arch="x86_64",
    cpu="AMD EPYC 7763 64-Core Processor",
    cpu_model="25-1",
    logical_cpus=4,
    isa=("avx", "avx2", "f16c", "fma", "sse4_1"),
    virtual=True,
)
FRANCE = CarbonIntensity(
    g_per_kwh=44.0,
    place="France",
    code="FR",
    year=2024,
    basis="lifecycle",
    source="a yearly review of electricity",
)
WORLD = replace(FRANCE, g_per_kwh=458.0, place="world average", code="WORLD", year=2025)
PINS = Pins(profile="generic-cpu", core_power_w=WATTS, intensity=WORLD, pue=1.0)


def sample_report(count: int, seed: int = 8, runs: int = 30) -> tuple[Report, list[HistoryEntry]]:
    """Return a report of ``count`` benchmarks, and their earlier runs."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    verdicts, history = [], []
    for number, benchmark in enumerate(_benchmarks(count)):
        grew = _growth(number, count, chance)
        result, baseline = sample_pair(benchmark, grew, chance)
        verdict = judge(result, None if number % 29 == 28 else baseline, Policy())
        if verdict.kind is Kind.REGRESSED:
            verdict = replace(verdict, reasons=(*verdict.reasons, "confirmed in 4 fresh processes"))
        verdicts.append(verdict)
        history += _history(result, chance, runs, changed=number % 9 == 0)
    report = Report(
        version="0.1.0",
        environment=ENVIRONMENT.id,
        profile="generic-cpu x0.25..x4",
        carbon="458 g/kWh, world average 2025, PUE 1",
        verdicts=tuple(verdicts),
        without=(
            NoVerdict(id="detector-large--cpu-b1", reason="models/detector-large.onnx is not an ONNX model."),
        ),
        updates=(Update(id=verdicts[-1].result.benchmark.id, action="recorded", path="baselines/x/y.json"),),
        notes=("the power profile is a guess: nothing is known of this machine's power",),
        time="2026-11-25T10:11:12Z",
        commit="5f3a2c1",
    )
    return report, history


def _benchmarks(count: int) -> list[Benchmark]:
    ways = [(batch, provider) for batch in BATCHES for provider in PROVIDERS]
    made = []
    for number in range(count):
        model, way = divmod(number, len(ways))
        stem = MODELS[model % len(MODELS)] + (f"-v{model // len(MODELS) + 1}" if model >= len(MODELS) else "")
        batch, provider = ways[way]
        made.append(Benchmark(name=stem, model=f"models/{stem}.onnx", provider=provider, batch=batch))
    return made


def _growth(number: int, count: int, chance: random.Random) -> float:
    if number in {3, count // 2}:
        return chance.uniform(0.09, 0.3)
    return -0.18 if number % 37 == 5 else chance.gauss(0.0, 0.006)


def sample_pair(benchmark: Benchmark, grew: float, chance: random.Random) -> tuple[Result, Baseline]:
    """Return a result that costs so much more than its baseline, and that baseline."""
    provider, speed = PROVIDERS[benchmark.provider or "cpu"]
    cost = (1 + sum(map(ord, benchmark.name)) % 23) * benchmark.batch**0.9 * speed
    scatter = 0.08 if chance.random() < 0.03 else 0.008
    before = tuple(_process(cost, scatter, chance) for _ in range(12))
    after = tuple(_process(cost * (1 + grew), scatter, chance) for _ in range(4))
    old = _factors(benchmark, provider, "1.31.0")
    energy_j = typical([one.cpu_s for one in after]) * WATTS
    half = spread([one.cpu_s for one in after], 0.98)
    result = Result(
        benchmark=benchmark,
        environment=ENVIRONMENT,
        factors=replace(old, onnxruntime="1.32.0"),
        samples=tuple(_samples(number, one, chance) for number, one in enumerate(after)),
        processes=after,
        energy=EnergyEstimate(
            energy_j=energy_j,
            random_j=None if half is None else half * energy_j,
            systematic_low=0.25,
            systematic_high=4.0,
            method="modelled",
            profile="generic-cpu",
            parts_j={"cpu": energy_j, "dram": energy_j * 0.11, "idle": energy_j * 0.06},
        ),
        score=SciScore(operational_g=energy_j / 3.6e6 * 44, embodied_g=None, intensity=FRANCE, pue=1.0),
        pins=PINS,
        placement=Placement(requested=provider, nodes={provider: 37}),
        operators=_operators(provider, chance),
    )
    baseline = Baseline(
        benchmark=benchmark,
        environment=ENVIRONMENT,
        factors=old,
        processes=before,
        pins=PINS,
        energy_j=typical([one.cpu_s for one in before]) * WATTS,
        provenance=Provenance(commit="1a2b3c4", date="2026-09-14"),
    )
    return result, baseline


def _factors(benchmark: Benchmark, provider: str, runtime: str) -> Factors:
    return Factors(
        model=f"{sum(map(ord, benchmark.name)):064x}",
        inputs=f"{benchmark.batch:064x}",
        python="3.12.4",
        numpy="2.3.1",
        onnxruntime=runtime,
        onnxruntime_build="build type=Release",
        reference="sgemm-320 openblas 0.3.30",
        provider=provider,
        placement=f"{provider}:37",
        graph_optimization="all",
    )


def _process(cost: float, scatter: float, chance: random.Random) -> ProcessEstimate:
    own = cost * (1 + chance.gauss(0, scatter))
    pace = 1 + chance.gauss(0, 0.01)
    cpu_s = own * REFERENCE_S * pace
    return ProcessEstimate(cpu_s=cpu_s, duration_s=cpu_s * 1.02, reference_cpu_s=REFERENCE_S * pace, cost=own)


def _samples(number: int, one: ProcessEstimate, chance: random.Random) -> ProcessSamples:
    noise = [1 + abs(chance.gauss(0, 0.02)) for _ in range(60)]
    return ProcessSamples(
        process=number,
        steps_per_block=8,
        step_cpu_s=tuple(one.cpu_s * each for each in noise),
        step_duration_s=tuple(one.duration_s * each for each in noise),
        reference_cpu_s=tuple(one.reference_cpu_s * (1 + abs(chance.gauss(0, 0.004))) for _ in noise),
        load_s=0.03,
        voided=(7,),
    )


def _operators(provider: str, chance: random.Random) -> OperatorProfile:
    weights = [(operator, chance.paretovariate(1.1)) for operator in OPERATORS for _ in range(4)]
    total = sum(weight for _, weight in weights)
    return OperatorProfile(
        operators=tuple(
            OperatorShare(
                name=f"{operator}_{number}", op_type=operator, provider=provider, share=weight / total
            )
            for number, (operator, weight) in enumerate(weights)
        )
    )


def _history(result: Result, chance: random.Random, runs: int, *, changed: bool) -> list[HistoryEntry]:
    cost = typical([one.cost for one in result.processes])
    return [
        _entry(
            result,
            cost * (0.9 if changed and number < runs // 2 else 1) * (1 + chance.gauss(0, 0.01)),
            number,
        )
        for number in range(runs)
    ]


def _entry(result: Result, cost: float, number: int) -> HistoryEntry:
    cpu_s = cost * REFERENCE_S
    return HistoryEntry(
        time=f"2026-{9 + number // 28:02}-{1 + number % 28:02}T04:00:00Z",
        commit=f"{number * 2654435761 % 2**28:07x}",
        environment=result.environment.id,
        benchmark=result.benchmark.id,
        verdict="PASSED",
        cost=cost,
        cpu_s=cpu_s,
        duration_s=cpu_s * 1.02,
        energy_j=cpu_s * WATTS,
        random_j=cpu_s * WATTS * 0.01,
        carbon_g=cpu_s * WATTS / 3.6e6 * 44,
        profile="generic-cpu",
        intensity_g_per_kwh=44.0,
        change=0.0,
        change_low=-0.01,
        change_high=0.01,
        tolerance=0.05,
        processes=4,
        factors=flat(result.factors),
    )


def main() -> None:
    """Write the files that the command line names."""
    count, results, history = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    report, entries = sample_report(count)
    results.write_text(results_json.render(report), encoding="utf-8")
    History(history).append(entries)


if __name__ == "__main__":
    main()
