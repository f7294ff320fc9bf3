"""How often a verdict is right: the judge and its looks, fed with simulated processes.

Usage: python tests/benchmarks/verdict_simulation.py [--trials N] [--seed N]

Each trial records a baseline and judges a run against it with the very code that judges real ones; only the
sampling is replaced, by random costs. Rows differ in how costs scatter between processes. The model is
another one in all of them, be it dearer or not: of one that did not change the judge believes less. A share
is printed with its 95 % interval (Clopper-Pearson). Equal seeds print equal tables; the default takes half a
minute.
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from scipy.special import betaincinv

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.environment import Environment
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, EnergyEstimate, Pins, SciScore
from pytest_energy.results.factors import Factors
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.runner.confirmation import BASELINE_PROCESSES, Evidence, judge_in_looks

CV = 0.014  # between processes; measured for a normalised 3 ms model beside busy neighbours

Scatter = Callable[[random.Random], float]
"""Draws the logarithm of one process's cost, apart from the change that is simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """How costs scatter.

    Attributes:
        name: What it is called in the table.
        baseline: Scatter between the processes of the baseline.
        run: Scatter between the processes of the run.
        shift: Standard deviation of what all processes of a run have in common, e.g. another machine's pace.
    """

    name: str
    baseline: Scatter
    run: Scatter
    shift: float = 0.0


def normal(draw: random.Random) -> float:
    return draw.gauss(0, CV)


def noisy(draw: random.Random) -> float:
    return draw.gauss(0, 3 * CV)


def heavy(draw: random.Random) -> float:
    """One process in ten is 3 to 13 % dearer."""
    return draw.gauss(0, CV) + (draw.uniform(0.03, 0.13) if draw.random() < 0.1 else 0)


def bistable(draw: random.Random) -> float:
    """Three processes in ten take twice as long."""
    return draw.gauss(0, CV) + (math.log(2) if draw.random() < 0.3 else 0)


PLAIN = Scene(name=f"normal, CV {CV:.1%}", baseline=normal, run=normal)
HEAVY = Scene(name="heavy tail", baseline=heavy, run=heavy)
NOISY = Scene(name="run 3 x noisier", baseline=normal, run=noisy)
SHIFTED = Scene(name="runs shift by 1 %", baseline=normal, run=normal, shift=0.01)
BISTABLE = Scene(name="bistable, x 2", baseline=bistable, run=bistable)

# Scene, change, and the trials as a multiple of --trials: what matters most is known most exactly.
ROWS = (
    (PLAIN, 0.0, 4),
    (PLAIN, 0.03, 1),
    (PLAIN, 0.05, 1),
    (PLAIN, 0.10, 4),
    (PLAIN, -0.10, 1),
    (HEAVY, 0.0, 2),
    (HEAVY, 0.10, 2),
    (NOISY, 0.0, 2),
    (NOISY, 0.10, 1),
    (SHIFTED, 0.0, 2),
    (SHIFTED, 0.10, 1),
    (BISTABLE, 0.0, 1),
    (BISTABLE, 1.0, 1),
)

_PINS = Pins(
    profile="none",
    core_power_w=1.0,
    intensity=CarbonIntensity(g_per_kwh=1.0, place="", code="", year=None, basis="", source=""),
    pue=1.0,
)
RESULT = Result(
    benchmark=Benchmark(name="simulated"),
    environment=Environment(
        os="linux", arch="x86_64", cpu="simulated", cpu_model="0", logical_cpus=2, isa=(), virtual=False
    ),
    factors=Factors(model="new", python="", numpy="", reference=""),
    samples=(),
    processes=(),
    energy=EnergyEstimate(
        energy_j=1.0, random_j=None, systematic_low=1, systematic_high=1, method="", profile="none"
    ),
    score=SciScore(operational_g=1.0, embodied_g=None, intensity=_PINS.intensity, pue=1.0),
    pins=_PINS,
)
BASELINE = Baseline(
    benchmark=RESULT.benchmark,
    environment=RESULT.environment,
    factors=replace(RESULT.factors, model="old"),
    processes=(),
    pins=_PINS,
    energy_j=1.0,
    provenance=Provenance(commit=None, date="2026-01-01"),
)


def costs(scatter: Scatter, shift: float, draw: random.Random) -> Iterator[ProcessEstimate]:
    """Yield processes without end."""
    while True:
        yield process_of(math.exp(shift + scatter(draw)))


def process_of(cost: float) -> ProcessEstimate:
    """Return a process with this cost, in units of the reference."""
    return ProcessEstimate(cpu_s=cost, duration_s=cost, reference_cpu_s=1.0, cost=cost)


def trial(scene: Scene, change: float, policy: Policy, draw: random.Random) -> tuple[Kind, int]:
    """Return the verdict on one run, and the number of processes that it took."""
    before = costs(scene.baseline, draw.gauss(0, scene.shift), draw)
    after = costs(scene.run, math.log1p(change) + draw.gauss(0, scene.shift), draw)
    return stored_verdict(before, after, policy)


def stored_verdict(
    before: Iterator[ProcessEstimate],
    after: Iterator[ProcessEstimate],
    policy: Policy,
    *,
    changed: bool = True,
) -> tuple[Kind, int]:
    """Record a baseline, judge a run against it, and return the verdict and how many processes it took.

    Args:
        before: Processes of the baseline.
        after: Processes of the run.
        policy: The rules.
        changed: Whether anything that is recorded changed, be its cost the same or not.
    """
    factors = BASELINE.factors if changed else RESULT.factors
    baseline = replace(BASELINE, processes=tuple(islice(before, BASELINE_PROCESSES)), factors=factors)
    evidence = Evidence(
        sample=lambda numbers: [next(after) for _ in numbers],
        judge=lambda taken: judge(replace(RESULT, processes=tuple(taken)), baseline, policy),
    )
    return judge_in_looks(evidence, policy).kind, len(evidence.taken)


def share(hits: int, trials: int) -> str:
    """Write a share in per cent with its 95 % interval."""
    low = betaincinv(hits, trials - hits + 1, 0.025) if hits else 0.0
    high = betaincinv(hits + 1, trials - hits, 0.975) if hits < trials else 1.0
    return f"{100 * hits / trials:.2f} ({100 * low:.2f} to {100 * high:.2f})"


def main() -> None:
    """Run every row and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=20260101)
    chosen = parser.parse_args()
    policy = Policy()
    kinds = (Kind.REGRESSED, Kind.INCONCLUSIVE, Kind.PASSED, Kind.IMPROVED)
    print(f"tolerance {policy.tolerance:.0%}, intervals of {policy.confidence:.0%}; shares in %")
    print(
        f"{'costs':20}{'change':>8}{'trials':>8}" + "".join(f"{kind:>24}" for kind in kinds) + "  processes"
    )
    for number, (scene, change, multiple) in enumerate(ROWS):
        draw = random.Random(chosen.seed + number)  # noqa: S311 - a simulation, not a secret
        trials = chosen.trials * multiple
        outcomes = [trial(scene, change, policy, draw) for _ in range(trials)]
        seen = Counter(kind for kind, _ in outcomes)
        mean = sum(processes for _, processes in outcomes) / trials
        columns = "".join(f"{share(seen[kind], trials):>25}" for kind in kinds)
        print(f"{scene.name:20}{change:>+8.0%}{trials:>8}{columns}{mean:>11.1f}", flush=True)


if __name__ == "__main__":
    main()
