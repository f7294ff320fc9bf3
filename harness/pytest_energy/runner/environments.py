"""Environments: a model runs in several of them, in workers that take turns; of two the ratio is judged."""

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Verdict
from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.runner.confirmation import Evidence, judge_in_looks
from pytest_energy.runner.paired import LOOKS, Pair, judge_of_pairs
from pytest_energy.runner.pipeline import current_factors
from pytest_energy.runner.sampled import Sampled, brought_back
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import subject_of
from pytest_energy.runner.verified import verified, with_verified
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, Interpreter
from pytest_energy.runtime.job import GO, STOP, Job
from pytest_energy.runtime.worker_process import Event, WorkerProcess
from pytest_energy.workloads.suite import SuiteEntry


def runs_alike(entry: SuiteEntry, other: Interpreter, setup: Setup) -> bool:
    """Whether all that is recorded of a benchmark is the same in both environments.

    Raises:
        HarnessError: The benchmark does not run in one of them; the message says in which.
    """
    factors = []
    for interpreter in (THIS_INTERPRETER, other):
        with interpreter.named():
            factors.append(current_factors(entry, setup, interpreter))
    return factors[0] == factors[1]


def judge_environments(
    entry: SuiteEntry, other: Interpreter, origin: Provenance, policy: Policy, setup: Setup
) -> Verdict:
    """Compare what a benchmark costs in this environment with what it costs in another.

    Args:
        entry: The benchmark.
        other: The interpreter of the other environment, which takes the place of the baseline.
        origin: What the report says of it.
        policy: The rules.
        setup: What the run holds fixed.

    Raises:
        HarnessError: There is no verdict; the message says why, and in which environment.
    """
    sides = [Candidate(entry=entry, interpreter=each) for each in (THIS_INTERPRETER, other)]
    evidence = Evidence(
        sample=lambda numbers: [
            sample_in_turns(
                sides, number, f"{entry.benchmark.id}: pair {number + 1} of {numbers.stop}", setup
            )
            for number in numbers
        ],
        judge=judge_of_pairs(entry, entry, origin, policy, setup.conditions),
    )
    return judge_in_looks(evidence, policy, LOOKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A benchmark in an environment.

    Attributes:
        entry: The benchmark.
        interpreter: What it is run in.
    """

    entry: SuiteEntry
    interpreter: Interpreter


def sample_in_turns(candidates: Sequence[Candidate], number: int, doing: str, setup: Setup) -> Pair:
    """Sample with a worker of each candidate, all alive at the same time.

    Args:
        candidates: At least one.
        number: Number of the process of each of them.
        doing: What is being done, in words.
        setup: What the run holds fixed; the time of its plan is for all candidates together.

    Raises:
        HarnessError: What a worker found wrong; the message says in which environment.
    """
    # What a stepwise worker spends by itself, its warm-up, comes out of its share of the time.
    own_plan = replace(setup.plan, time_s=setup.plan.time_s / len(candidates))
    known = []
    for each in candidates if number == 0 else ():
        with each.interpreter.named():
            known.append(verified(each.entry, setup, each.interpreter))
    with ExitStack() as stack:
        sides = []
        for each in candidates:
            worker = stack.enter_context(each.interpreter.worker(setup.limits))
            job = Job(subjects=(subject_of(each.entry),), process=number, plan=own_plan, stepwise=True)
            sides.append(Side(worker, job, each.interpreter))
        for side in sides:
            side.wait_until_ready()
        setup.progress(doing)
        take_turns(sides, setup.plan, seed=number, clock=SystemClock())
        return with_verified([side.sampled() for side in sides], known)


def take_turns(sides: Sequence["Side"], plan: Plan, *, seed: int, clock: Clock) -> None:
    """Let one side after the other warm up, then let them alternate until the plan is fulfilled.

    Only one side runs at any time. Each loads first in its turn; who goes first in a round is drawn.

    Args:
        sides: Workers, ready and not yet loaded.
        plan: Its time is for the warm-up and the rounds of all sides together.
        seed: Number of the process of each side, and seed of the order.
        clock: Reads wall time.
    """
    first = seed % len(sides)
    order = [*sides[first:], *sides[:first]]
    # Workers draw the order of their blocks from the bare number. Were this one drawn from it too, one side's
    # steps would more often find the caches as it left them itself, and read a per cent cheaper.
    shuffle = random.Random(f"turns of pair {seed}").shuffle  # noqa: S311 - an order, not a secret
    warm_s = sum(side.warm_up(clock) for side in order)
    started, taken = clock.read().wall_s, 0
    while not plan.is_fulfilled(taken, warm_s + clock.read().wall_s - started):
        shuffle(order)
        for side in order:
            side.take_round()
        taken += 1
    for side in order:
        side.stop()


class Side:
    """One of several workers, which measures only when it is its turn."""

    def __init__(self, worker: WorkerProcess, job: Job, interpreter: Interpreter) -> None:
        """Take over a worker that has been started.

        Args:
            worker: The worker.
            job: What it shall run, stepwise.
            interpreter: Its interpreter, by which faults are named.
        """
        self._worker = worker
        self._interpreter = interpreter
        self._events: Iterator[Event] = worker.run(job)
        self._heard: list[Event] = []

    def wait_until_ready(self) -> None:
        """Wait until the worker can take its job."""
        with self._interpreter.named():
            self._worker.wait_until_ready()

    def warm_up(self, clock: Clock) -> float:
        """Load the model and warm it up; return how long the latter took, in s."""
        self._hear("loaded")
        started = clock.read().wall_s
        self._hear("turn")
        return clock.read().wall_s - started

    def take_round(self) -> None:
        """Take one round, and wait until it is over."""
        self._reply(GO, then="turn")

    def stop(self) -> None:
        """Take no more rounds, and fetch what was read."""
        self._reply(STOP, then="sampled")

    def sampled(self) -> Sampled:
        """Return what the worker brought back."""
        (own,) = brought_back(self._heard)
        return own

    def _reply(self, line: str, *, then: str) -> None:
        with self._interpreter.named():
            self._worker.reply(line)
        self._hear(then)

    def _hear(self, name: str) -> None:
        """Listen until an event of this name comes."""
        with self._interpreter.named():
            for event in self._events:
                self._heard.append(event)
                if event["event"] == name:
                    return
