"""A baseline: the summary of a result that later results are compared with."""

from dataclasses import dataclass

from pytest_energy.environment import Environment
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import Pins
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a baseline comes from.

    Attributes:
        commit: Abbreviated git commit, with ``+dirty`` where the work tree had changes; None outside git.
        date: ISO date (UTC).
        reason: Why a regression was accepted; None where nothing had regressed.
    """

    commit: str | None
    date: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a benchmark cost when its figure was last accepted.

    Attributes:
        benchmark: What was run.
        environment: The machine that it ran on.
        factors: What could have changed the figure; refreshed when they change and the figure does not.
        processes: One estimate per process.
        pins: Profile, intensity and PUE that the gate holds fixed.
        energy_j: The gated figure in J per step; agrees with ``processes`` and ``pins``.
        provenance: Commit, date and reason of the gated figure.
    """

    benchmark: Benchmark
    environment: Environment
    factors: Factors
    processes: tuple[ProcessEstimate, ...]
    pins: Pins
    energy_j: float
    provenance: Provenance
