"""Results and baselines from nothing but the costs of their processes."""

from dataclasses import replace

import pytest

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.environment import Environment
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, EnergyEstimate, Pins, SciScore
from pytest_energy.results.factors import Factors
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.statistics.trimmed import spread, typical

BENCHMARK = Benchmark(name="small", model="small.onnx")
ENVIRONMENT = Environment(
    os="linux",
    arch="x86_64",
    cpu="a processor",
    cpu_model="1-2",
    logical_cpus=2,
    isa=("avx2",),
    virtual=False,
)
FACTORS = Factors(
    model="abc", python="3.12.1", numpy="2.3.0", onnxruntime="1.31.0", reference="sgemm-320 blas"
)
CHANGED = replace(FACTORS, model="abd")
INTENSITY = CarbonIntensity(g_per_kwh=360.0, place="here", code="user", year=None, basis="any", source="test")
PINS = Pins(profile="ten-watts", core_power_w=10.0, intensity=INTENSITY, pue=1.0)


def processes_of(costs, *, reference_s=1e-3, latency=1.0):
    """One process per cost; the reference takes a millisecond, a step ``latency`` times its CPU time."""
    return tuple(
        ProcessEstimate(
            cpu_s=cost * reference_s,
            duration_s=cost * reference_s * latency,
            reference_cpu_s=reference_s,
            cost=cost,
        )
        for cost in costs
    )


@pytest.fixture
def processes():
    return processes_of


@pytest.fixture
def result_of():
    """A factory: ``result_of(costs)``; ten watts, so that a cost of 1 is 10 mJ and 1 ug.

    Unlike the baseline's, its model was changed.
    """

    def make(costs, *, reference_s=1e-3, latency=1.0, **parts):
        processes = processes_of(costs, reference_s=reference_s, latency=latency)
        cpu_s = [one.cpu_s for one in processes]
        energy_j = typical(cpu_s) * PINS.core_power_w
        half = spread(cpu_s, 0.98)
        made = Result(
            benchmark=BENCHMARK,
            environment=ENVIRONMENT,
            factors=CHANGED,
            samples=(),
            processes=processes,
            energy=EnergyEstimate(
                energy_j=energy_j,
                random_j=None if half is None else half * energy_j,
                systematic_low=0.5,
                systematic_high=2.0,
                method="modelled",
                profile=PINS.profile,
            ),
            score=SciScore(
                operational_g=energy_j / 3.6e6 * 360, embodied_g=None, intensity=INTENSITY, pue=1.0
            ),
            pins=PINS,
        )
        return replace(made, **parts)

    return make


@pytest.fixture
def baseline_of():
    """A factory: ``baseline_of(costs)``."""

    def make(costs, *, reference_s=1e-3, latency=1.0, **parts):
        processes = processes_of(costs, reference_s=reference_s, latency=latency)
        made = Baseline(
            benchmark=BENCHMARK,
            environment=ENVIRONMENT,
            factors=FACTORS,
            processes=processes,
            pins=PINS,
            energy_j=typical([one.cpu_s for one in processes]) * PINS.core_power_w,
            provenance=Provenance(commit="1a2b3c4", date="2026-01-01"),
        )
        return replace(made, **parts)

    return make


@pytest.fixture
def same_factors():
    """The factors of the baseline."""
    return FACTORS


@pytest.fixture
def other_reference():
    """Factors that differ by their reference and their model."""
    return replace(CHANGED, reference="sgemm-320 another-blas")


@pytest.fixture
def newer_runtime():
    """Factors that differ by the version of ONNX Runtime alone."""
    return replace(FACTORS, onnxruntime="1.32.0")


@pytest.fixture
def other_machine():
    """An environment of another class, with the same instruction sets."""
    return replace(ENVIRONMENT, cpu="another processor", cpu_model="3-4")


@pytest.fixture
def other_isa():
    """An environment with other instruction sets."""
    return replace(ENVIRONMENT, cpu="another processor", cpu_model="3-4", isa=("avx2", "avx512f"))
