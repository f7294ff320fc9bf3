"""Noise: what trials in which nothing changed say of the verdicts that this machine allows.

Each trial is judged at several tolerances by the rule that judges real runs. Where its first look leaves
doubt, the processes of the trials behind it are its later looks: they are what would have been sampled next.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import today
from pytest_energy.measurement.quality import LONGEST_WAIT
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessSamples
from pytest_energy.runner.acceptance import recorded
from pytest_energy.runner.confirmation import Evidence, judge_in_looks
from pytest_energy.runner.noise_trials import RUN, Process, Trials
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.simulated_runs import SimulatedRun, draw_runs, least_seen, share_of
from pytest_energy.runner.stored import stored_evidence
from pytest_energy.statistics.process_estimate import estimate_process
from pytest_energy.statistics.proportion import upper_limit
from pytest_energy.statistics.scatter import Scatter, scatter_of
from pytest_energy.workloads.suite import SuiteEntry

TOLERANCES = (0.01, 0.02, 0.05, 0.1)
"""Tolerances at which trials are judged."""

SIMULATED = 500
"""Runs that are simulated for each tolerance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseAtTolerance:
    """What a tolerance means on this machine. Shares are fractions.

    Attributes:
        tolerance: The tolerance, as a fraction.
        false_alarms: Trials that were REGRESSED though nothing had changed.
        at_most: Rate of false alarms that is not exceeded, with 95 % confidence, going by the trials alone.
        simulated_false_alarms: Share of simulated runs that were REGRESSED.
        simulated_doubt: Share of simulated runs that stayed INCONCLUSIVE.
        least_seen: Smallest regression that is seen in 99 of 100 simulated runs; None where that is more than
            twice the cost.
    """

    tolerance: float
    false_alarms: int
    at_most: float
    simulated_false_alarms: float
    simulated_doubt: float
    least_seen: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrest:
    """What disturbed the processes while they measured. Shares are fractions of that time; None is unknown.

    Attributes:
        waiting: For how long steps were ready to run and had no CPU.
        interrupted: Share of their blocks in which that was more than 5 %.
        pressure: For how long any task on the machine waited for a CPU.
        steal: What the hypervisor gave to others, over all CPUs; it may exceed 1.
        throttled: For how long the control group was held up because its quota was used up.
    """

    waiting: float | None
    interrupted: float | None
    pressure: float | None
    steal: float | None
    throttled: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How noisy this machine is for one benchmark.

    Attributes:
        benchmark: Id of the benchmark.
        environment: Id of this machine's environment.
        trials: Trials that were judged.
        duration_s: Wall time that it took to sample them and their baseline.
        scatter: How much the gated ratio of step to reference differs between processes, and between runs.
        tolerances: What each tolerance means.
        unrest: What disturbed the processes.
    """

    benchmark: str
    environment: str
    trials: int
    duration_s: float
    scatter: Scatter
    tolerances: tuple[NoiseAtTolerance, ...]
    unrest: Unrest


def noise_of(trials: Trials, entry: SuiteEntry, setup: Setup, simulated: int = SIMULATED) -> Noise:
    """Judge trials, and simulate runs whose processes scatter as theirs do.

    Args:
        trials: What was sampled.
        entry: The model, with how it was run.
        setup: What was held fixed, and how progress is shown.
        simulated: Runs to simulate for each tolerance.

    Raises:
        ModelError: The model cannot be read any more.
    """
    samples = [_samples(one) for one in (*trials.baseline, *trials.runs)]
    costs = [estimate_process(one).cost for one in samples]
    scatter = scatter_of([costs[first : first + RUN] for first in range(0, len(costs), RUN)])
    before = stored_evidence(entry, None, Policy(), setup).judge(trials.baseline).result
    # As if the model had changed: where nothing that is recorded did, the judge believes no small change.
    changed = replace(before, factors=replace(before.factors, model=None))
    baseline = recorded(changed, Provenance(commit=None, date=today()))
    runs = draw_runs(costs, scatter.between_runs, simulated, seed=0)
    found = []
    for tolerance in TOLERANCES:
        setup.progress(f"judging and simulating at a tolerance of {tolerance:.0%}")
        policy = Policy(tolerance=tolerance)
        judged = stored_evidence(entry, baseline, policy, setup).judge
        kinds = list(_verdicts(trials.runs, judged, policy))
        found.append(_at_tolerance(kinds, policy, runs, before))
    return Noise(
        benchmark=entry.benchmark.id,
        environment=before.environment.id,
        trials=len(trials.runs) // RUN,
        duration_s=trials.duration_s,
        scatter=scatter,
        tolerances=tuple(found),
        unrest=_unrest(trials, samples, threads=entry.benchmark.threads),
    )


def _samples(process: Process) -> ProcessSamples:
    (own,) = process
    assert own.samples is not None  # noqa: S101 - it was asked for with a plan
    return own.samples


def _verdicts(
    taken: Sequence[Process], judged: Callable[[Sequence[Process]], Verdict], policy: Policy
) -> Iterator[Kind]:
    """Judge each trial as a run is judged; behind the last one comes the first."""
    for first in range(0, len(taken), RUN):
        own = (*taken[first:], *taken[:first])
        yield judge_in_looks(Evidence(sample=partial(_some, own), judge=judged), policy).kind


def _some(taken: Sequence[Process], numbers: range) -> Sequence[Process]:
    return taken[numbers.start : numbers.stop]


def _at_tolerance(
    kinds: Sequence[Kind], policy: Policy, runs: Sequence[SimulatedRun], template: Result
) -> NoiseAtTolerance:
    alarms = kinds.count(Kind.REGRESSED)
    return NoiseAtTolerance(
        tolerance=policy.tolerance,
        false_alarms=alarms,
        at_most=upper_limit(alarms, len(kinds)),
        simulated_false_alarms=share_of(Kind.REGRESSED, runs, template, policy),
        simulated_doubt=share_of(Kind.INCONCLUSIVE, runs, template, policy),
        least_seen=least_seen(runs, template, policy),
    )


def _unrest(trials: Trials, samples: Sequence[ProcessSamples], threads: int) -> Unrest:
    blocks = [pair for one in samples for pair in zip(one.step_cpu_s, one.step_duration_s, strict=True)]
    waits = [max(0.0, 1 - cpu_s / duration_s) for cpu_s, duration_s in blocks]
    wall_s = sum(duration_s for _, duration_s in blocks)
    waited_s = sum(wait * duration_s for wait, (_, duration_s) in zip(waits, blocks, strict=True))
    is_plain = threads == 1  # with more of them, CPU time and wall time tell nothing of waiting
    disturbance = trials.disturbance
    return Unrest(
        waiting=waited_s / wall_s if is_plain else None,
        interrupted=sum(wait > LONGEST_WAIT for wait in waits) / len(waits) if is_plain else None,
        pressure=_share(disturbance.pressure_s, trials.watched_s),
        steal=_share(disturbance.steal_s, trials.watched_s),
        throttled=_share(disturbance.throttled_s, trials.watched_s),
    )


def _share(part_s: float | None, whole_s: float) -> float | None:
    return None if part_s is None or whole_s <= 0 else part_s / whole_s
