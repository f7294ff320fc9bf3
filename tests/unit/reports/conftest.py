"""Verdicts and reports as a run makes them, without running anything."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.environment import Environment
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.reports.report import Electricity, NoVerdict, Orphan, Report, Update
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, EnergyEstimate, Pins, Pue, SciScore
from pytest_energy.results.factors import Factors
from pytest_energy.results.placement import Placement
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples

ENVIRONMENT = Environment(
    os="linux",
    arch="x86_64",
    cpu="AMD EPYC 7763 64-Core Processor",
    cpu_model="25-1",
    logical_cpus=4,
    isa=("avx", "avx2", "fma"),
    virtual=True,
)
WORLD = CarbonIntensity(
    g_per_kwh=458.0,
    place="world average",
    code="WORLD",
    year=2025,
    basis="lifecycle",
    source="a yearly review",
)
PINS = Pins(profile="generic-cpu", core_power_w=4.0, intensity=WORLD, pue=1.0)
FACTORS = Factors(
    model="3fa2c1" + "0" * 58,
    inputs="77aa00" + "1" * 58,
    python="3.12.4",
    numpy="2.3.1",
    onnxruntime="1.31.0",
    onnxruntime_build="git-commit-id=abc, build type=Release",
    reference="matmul 128 float32, openblas 0.3.29",
    provider="CPUExecutionProvider",
    placement="CPUExecutionProvider:12",
    graph_optimization="all",
)
REFERENCE_S = 1e-3


def _process(number: int, cost: float, duration: float) -> tuple[ProcessSamples, ProcessEstimate]:
    # A spread of half a percent between processes, the same in every run.
    wobble = 1 + 0.005 * math.sin(2.4 * number + 1)
    cpu_s, duration_s = cost * REFERENCE_S * wobble, duration * wobble
    samples = ProcessSamples(
        process=number,
        steps_per_block=8,
        step_cpu_s=(cpu_s, cpu_s * 1.001, cpu_s * 0.999),
        step_duration_s=(duration_s,) * 3,
        reference_cpu_s=(REFERENCE_S,) * 3,
        warmup_cpu_s=(cpu_s * 1.4,),
        load_s=0.012,
    )
    estimate = ProcessEstimate(
        cpu_s=cpu_s, duration_s=duration_s, reference_cpu_s=REFERENCE_S, cost=cpu_s / REFERENCE_S
    )
    return samples, estimate


def make_result(  # noqa: PLR0913 - a result has so many sides
    name: str = "digits-cnn",
    *,
    cost: float = 3.0,
    latency_s: float = 3.1e-3,
    processes: int = 8,
    random: float | None = 0.004,
    factors: Factors = FACTORS,
    environment: Environment = ENVIRONMENT,
    dram_j: float | None = 3.1e-4,
    notes: tuple[str, ...] = (),
    mode: str = "inference",
) -> Result:
    """One benchmark, measured: ``cost`` references per step, so that a step costs ``cost`` x 4 mJ."""
    pairs = [_process(number, cost, latency_s) for number in range(processes)]
    energy_j = cost * REFERENCE_S * PINS.core_power_w
    in_process = mode == "callable"
    return Result(
        benchmark=Benchmark(
            name=name,
            mode=mode,  # type: ignore[arg-type]
            model=None if in_process else f"models/{name}.onnx",
            provider=None if in_process else "cpu",
        ),
        environment=environment,
        factors=factors,
        samples=tuple(samples for samples, _ in pairs),
        processes=tuple(estimate for _, estimate in pairs),
        energy=EnergyEstimate(
            energy_j=energy_j,
            random_j=None if random is None else energy_j * random,
            systematic_low=0.5,
            systematic_high=2.5,
            method="modelled",
            profile="generic-cpu",
            parts_j={"cpu": energy_j, "dram": dram_j},
        ),
        score=SciScore(
            operational_g=energy_j / 3.6e6 * WORLD.g_per_kwh, embodied_g=None, intensity=WORLD, pue=1.0
        ),
        pins=PINS,
        placement=None
        if in_process
        else Placement(requested="CPUExecutionProvider", nodes={"CPUExecutionProvider": 12}),
        notes=notes,
    )


def make_baseline(result: Result, *, reason: str | None = None, processes: int = 12) -> Baseline:
    """The baseline that an earlier run with these figures left."""
    cost = result.energy.energy_j / (REFERENCE_S * PINS.core_power_w)
    pairs = [_process(number + 100, cost, result.processes[0].duration_s) for number in range(processes)]
    return Baseline(
        benchmark=result.benchmark,
        environment=result.environment,
        factors=result.factors,
        processes=tuple(estimate for _, estimate in pairs),
        pins=PINS,
        energy_j=result.energy.energy_j,
        provenance=Provenance(commit="1a2b3c4", date="2026-05-04", reason=reason),
    )


def make_verdict(  # noqa: PLR0913 - and a verdict more
    name: str = "digits-cnn",
    *,
    grew: float | None = 0.0,
    policy: Policy | None = None,
    before: Factors = FACTORS,
    reasons: tuple[str, ...] = (),
    kind: Kind | None = None,
    accepted_because: str | None = None,
    **result: object,
) -> Verdict:
    """Judge a result that costs ``grew`` more than its baseline; None for no baseline. ``kind`` overrules."""
    after = make_result(name, **result)  # type: ignore[arg-type]
    baseline = None
    if grew is not None:
        cost = after.energy.energy_j / (REFERENCE_S * PINS.core_power_w)
        earlier = make_result(name, **(result | {"cost": cost / (1 + grew), "factors": before}))  # type: ignore[arg-type]
        baseline = make_baseline(earlier, reason=accepted_because)
    verdict = judge(after, baseline, policy or Policy())
    return replace(verdict, reasons=(*reasons, *verdict.reasons), kind=kind or verdict.kind)


OLDER = replace(FACTORS, onnxruntime="1.30.2", model="91b0d4" + "2" * 58)


def make_report() -> Report:
    """Six benchmarks: a regression, an improvement, a new one, one in doubt, and one with a long name."""
    noise = "the machine was too noisy to tell; more time per benchmark or a quieter machine helps"
    doubtful = make_verdict("digits-mlp", cost=0.021, grew=0.05, random=0.06, latency_s=2.3e-5)
    return Report(
        version="0.1.0",
        environment=ENVIRONMENT.id,
        profile="generic-cpu x0.5..x2.5",
        carbon="458 g/kWh, world average 2025",
        verdicts=(
            make_verdict(
                "digits-cnn",
                grew=0.123,
                before=OLDER,
                reasons=("confirmed in 4 fresh processes",),
            ),
            make_verdict(
                "mobilenet-v2-int8", cost=11.2, grew=-0.21, reasons=("confirmed in 4 fresh processes",)
            ),
            make_verdict("text-encoder", cost=270.0, grew=None, latency_s=0.29),
            replace(doubtful, kind=Kind.INCONCLUSIVE, reasons=(noise,)),
            make_verdict("a-model-with-a-name-that-goes-on-" + "and-on-" * 6 + "until-the-end", cost=1.2),
            make_verdict(
                "tests/test_pipeline.py::test_preprocessing",
                mode="callable",
                processes=1,
                random=None,
                cost=0.4,
                notes=("one process: measured in pytest's own process, so there is no interval",),
            ),
        ),
        without=(NoVerdict(id="broken--cpu-b1", reason="models/broken.onnx is not an ONNX model."),),
        orphans=(Orphan(id="gone--cpu-b1", path="baselines/linux-x86_64/gone--cpu-b1.json"),),
        updates=(
            Update(
                id="text-encoder--cpu-b1",
                action="recorded",
                path="baselines/linux-x86_64/text-encoder--cpu-b1.json",
            ),
        ),
        notes=("world average 458 g/kWh (2025), no region given",),
    )


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    """A factory of verdicts."""
    return make_verdict


@pytest.fixture
def result() -> Callable[..., Result]:
    """A factory of results."""
    return make_result


@pytest.fixture
def older() -> Factors:
    """Factors of a baseline made with another model and another ONNX Runtime."""
    return OLDER


@pytest.fixture
def report() -> Report:
    """A run with a bit of everything."""
    return make_report()


@pytest.fixture
def electricity() -> Electricity:
    """What electricity emits where a run took place."""
    france = replace(WORLD, g_per_kwh=44.0, place="France", code="FR", source="a grid operator")
    pue = Pue(value=1.5, place="a data centre", year=2025, source="its operator")
    return Electricity(intensity=france, pue=pue, because="the environment names it")


@pytest.fixture
def empty(report: Report) -> Callable[..., Report]:
    """A factory of reports that hold only what is given."""

    def make(**parts: object) -> Report:
        nothing = {"verdicts": (), "without": (), "orphans": (), "updates": (), "notes": ()}
        return replace(report, **(nothing | parts))  # type: ignore[arg-type]

    return make
