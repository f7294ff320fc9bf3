from collections.abc import Callable

import pytest

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.schema import gated_energy_j
from pytest_energy.environment import Environment
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, Pins
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessEstimate

WORLD = CarbonIntensity(
    g_per_kwh=458.0,
    place="world average",
    code="WORLD",
    year=2025,
    basis="lifecycle",
    source="a yearly review",
)
PINS = Pins(profile="generic-cpu", core_power_w=4.1, intensity=WORLD, pue=1.2)
FACTORS = Factors(
    model="3fa2c1" + "0" * 58,
    inputs="77aa00" + "1" * 58,
    python="3.12.4",
    numpy="2.3.1",
    onnxruntime="1.31.0",
    onnxruntime_build="git-commit-id=abc, build type=Release",
    reference="sgemm-64 openblas 0.3.29",
    provider="CPUExecutionProvider",
    placement="CPUExecutionProvider:12",
    graph_optimization="all",
    variables={"OMP_NUM_THREADS": "1", "KMP_BLOCKTIME": "0"},
)


def process(cpu_s: float, reference_cpu_s: float = 1.0123456789e-3) -> ProcessEstimate:
    return ProcessEstimate(
        cpu_s=cpu_s,
        duration_s=cpu_s * 1.02,
        reference_cpu_s=reference_cpu_s,
        cost=cpu_s / reference_cpu_s,
    )


def make_baseline(
    name: str = "digits-cnn", *, cpu: str = "AMD EPYC 7763", growth: float = 1.0, reason: str | None = None
) -> Baseline:
    processes = tuple(process(3e-3 * growth * (1 + number / 700)) for number in range(12))
    return Baseline(
        benchmark=Benchmark(name=name, model=f"models/{name}.onnx"),
        environment=Environment(
            os="linux",
            arch="x86_64",
            cpu=cpu,
            cpu_model="25-1",
            logical_cpus=4,
            isa=("avx", "avx2", "fma"),
            virtual=True,
        ),
        factors=FACTORS,
        processes=processes,
        pins=PINS,
        energy_j=gated_energy_j(processes, PINS),
        provenance=Provenance(commit="1a2b3c4", date="2026-05-04", reason=reason),
    )


@pytest.fixture
def baseline() -> Callable[..., Baseline]:
    """A factory of baselines as a run makes them, unrounded."""
    return make_baseline
