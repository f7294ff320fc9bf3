"""Result: all that was measured of one benchmark, and all that is needed to judge it."""

from dataclasses import dataclass

from pytest_energy.environment import Environment
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import EnergyEstimate, Pins, SciScore
from pytest_energy.results.factors import Factors
from pytest_energy.results.inspection import Work
from pytest_energy.results.operators import OperatorProfile
from pytest_energy.results.phase import Phase
from pytest_energy.results.placement import Placement
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples
from pytest_energy.results.training import TrainingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One benchmark, measured.

    Attributes:
        benchmark: What was run.
        environment: The machine that it ran on.
        factors: Everything else that could change the figure.
        samples: Raw readings, one record per process.
        processes: One estimate per process: the independent evidence.
        energy: Joules per step.
        score: Grams per step.
        pins: What energy and score were computed with.
        placement: Where the nodes ran; None for a callable.
        agreement: How far outputs are from the CPU provider's; None where that was not looked at.
        start: What it took to create the session, and its first step.
        work: What a step computes and moves; None where that is not known in full.
        notes: Sentences that a reader must know, e.g. that the profile is a guess.
        operators: Where the time of a step goes, from a profile in a session apart; None where nobody asked.
        step_build_s: How long building the training step took, in s; None for what does not train.
        training: How a whole run of training went, its loss curve included; None where a step is no such run.
        energy_per_sample_j: Joules per training sample; None for what does not train.
        carbon_per_sample_g: Operational grams per training sample; None for what does not train.
    """

    benchmark: Benchmark
    environment: Environment
    factors: Factors
    samples: tuple[ProcessSamples, ...]
    processes: tuple[ProcessEstimate, ...]
    energy: EnergyEstimate
    score: SciScore
    pins: Pins
    placement: Placement | None = None
    agreement: Agreement | None = None
    start: tuple[Phase, ...] = ()
    work: Work | None = None
    notes: tuple[str, ...] = ()
    operators: OperatorProfile | None = None
    step_build_s: float | None = None
    training: TrainingRecord | None = None
    energy_per_sample_j: float | None = None
    carbon_per_sample_g: float | None = None
