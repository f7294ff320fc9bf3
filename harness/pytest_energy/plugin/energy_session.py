"""The energy session: measures, judges and updates, and remembers all of it for the report."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy.typing as npt

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.provenance import current_provenance
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.errors import UsageError
from pytest_energy.gate.policy import ONE_PROCESS_TOLERANCE, TOLERANCE, Policy
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.measurement.clock import SystemClock, today
from pytest_energy.measurement.plan import Plan
from pytest_energy.reports.report import NoVerdict, Update
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.acceptance import Action, decide, recorded, refreshed
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.confirmation import (
    BASELINE_PROCESSES,
    LOOKS,
    ONE_PROCESS_LOOKS,
    Evidence,
    judge_in_looks,
)
from pytest_energy.runner.in_process import sample_callable
from pytest_energy.runner.pipeline import Progress, build_result, sample_in_workers
from pytest_energy.settings import Settings
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import Overrides, SuiteEntry

Outputs = Mapping[str, npt.NDArray[Any]]
Judged = tuple[Verdict, Outputs]

# A run's time is for its first two looks; the third is for the rare doubtful benchmark.
_PROCESSES_PER_BUDGET = LOOKS[1]


class EnergySession:
    """Built once from the settings; fed by items and fixtures; read by the report."""

    def __init__(
        self, settings: Settings, conditions: Conditions, store: BaselineStore, progress: Progress
    ) -> None:
        """Remember what holds for the whole run.

        Args:
            settings: What the user asked for.
            conditions: Machine, power profile and electricity.
            store: Where the baselines lie.
            progress: Shows a few words on what is being done.
        """
        self.settings = settings
        self.conditions = conditions
        self.store = store
        self.verdicts: list[Verdict] = []
        self.without: list[NoVerdict] = []
        self.updates: list[Update] = []
        self._progress = progress
        self._owners: dict[str, str] = {}
        self._judged: dict[str, Judged] = {}

    def run_model(self, entry: SuiteEntry, owner: str) -> Judged:
        """Measure and judge a model; who asks again, as a rerun of a test does, gets the same verdict.

        Args:
            entry: The benchmark, its model and its own settings.
            owner: What asks for it: a pytest node id, perhaps with the number of a call behind it.

        Returns:
            The verdict, and the outputs of the first step by name.

        Raises:
            HarnessError: There is no verdict; the message says why.
        """
        benchmark = entry.benchmark
        self._claim(benchmark, owner)
        if benchmark.id not in self._judged:
            self._judged[benchmark.id] = self._judge_model(entry)
        return self._judged[benchmark.id]

    def _judge_model(self, entry: SuiteEntry) -> Judged:
        benchmark = entry.benchmark
        policy = self._policy(entry.overrides, TOLERANCE)
        plan = Plan(time_s=self.settings.time_for(entry.overrides.time_s) / _PROCESSES_PER_BUDGET)
        model_hash = read_model_hash(entry.model_path)

        def sample(processes: range) -> Any:
            words = partial(self._say, benchmark)
            return sample_in_workers(entry, processes, plan, self.settings.timeout_s, words)

        evidence = Evidence(
            sample=sample,
            build=lambda taken: build_result(
                benchmark, taken, self.conditions, model_hash=model_hash, confidence=policy.confidence
            ),
        )
        verdict = judge_in_looks(evidence, self._baseline(benchmark), policy, LOOKS)
        verdict = self._conclude(verdict, evidence, BASELINE_PROCESSES)
        return verdict, evidence.taken[0].outputs

    def run_callable(
        self, benchmark: Benchmark, step: Callable[[], object], overrides: Overrides, owner: str
    ) -> Verdict:
        """Measure and judge a callable in this process.

        Raises:
            HarnessError: There is no verdict; the message says why.
        """
        self._claim(benchmark, owner)
        if benchmark.id not in self._judged:
            self._judged[benchmark.id] = self._judge_callable(benchmark, step, overrides), {}
        return self._judged[benchmark.id][0]

    def _judge_callable(
        self, benchmark: Benchmark, step: Callable[[], object], overrides: Overrides
    ) -> Verdict:
        policy = self._policy(overrides, ONE_PROCESS_TOLERANCE)
        plan = Plan(time_s=self.settings.time_for(overrides.time_s) / len(ONE_PROCESS_LOOKS))

        def sample(samplings: range) -> Any:
            self._say(benchmark, "in this process")
            return [sample_callable(step, plan, SystemClock(), seed) for seed in samplings]

        evidence = Evidence(
            sample=sample,
            # Samplings of one process are no independent evidence: each look judges the newest alone.
            build=lambda taken: build_result(
                benchmark, taken[-1:], self.conditions, model_hash=None, confidence=policy.confidence
            ),
        )
        verdict = judge_in_looks(evidence, self._baseline(benchmark), policy, ONE_PROCESS_LOOKS)
        return self._conclude(verdict, evidence, 1)

    def has_verdict(self, nodeid: str) -> bool:
        """Whether a test has a verdict from any of its calls."""
        return any(
            owner == nodeid or owner.startswith(f"{nodeid} (call ")
            for name, owner in self._owners.items()
            if name in self._judged
        )

    def fails(self, kind: Kind) -> bool:
        """Whether the settings make a verdict of this kind fail."""
        return Policy(fail_on=self.settings.fail_on, strict=self.settings.strict).fails(kind)

    def shown_baseline(self, verdict: Verdict) -> str:
        """Where the baseline of a verdict lies, or would lie."""
        known = verdict.baseline or verdict.result
        return self.shown_path(self.store.path(known.environment.id, known.benchmark.id))

    def shown_path(self, path: Path) -> str:
        """A path as the user would write it: relative to the project where it lies in it."""
        return str(path.relative_to(self.settings.root) if path.is_relative_to(self.settings.root) else path)

    @cached_property
    def _provenance(self) -> Provenance:
        return current_provenance(self.settings.baselines, self.settings.reason, today())

    def _claim(self, benchmark: Benchmark, owner: str) -> None:
        """Refuse a second benchmark with the same id: both would share one baseline."""
        other = self._owners.setdefault(benchmark.id, owner)
        if other != owner:
            raise UsageError(
                f"Two benchmarks have the id {benchmark.id!r}: {other} and {owner}. Give one of them a name "
                'of its own (name = "..." in a suite, name="..." in the fixture).'
            )

    def _policy(self, overrides: Overrides, builtin: float) -> Policy:
        return Policy(
            tolerance=self.settings.tolerance_for(overrides.tolerance, builtin),
            fail_on=self.settings.fail_on,
            strict=self.settings.strict,
            budget=overrides.budget,
        )

    def _say(self, benchmark: Benchmark, words: str) -> None:
        self._progress(f"{benchmark.id}: {words}")

    def _baseline(self, benchmark: Benchmark) -> Baseline | None:
        """Return this environment's baseline, else the most comparable one of another."""
        environment = self.conditions.machine.environment
        own = self.store.read(benchmark.id, environment.id)
        if own is not None:
            return own
        others = self.store.others(benchmark.id, environment.id)
        return min(others, key=lambda each: each.environment.isa != environment.isa, default=None)

    def _conclude(self, verdict: Verdict, evidence: Evidence, processes: int) -> Verdict:
        if self.settings.update:
            verdict = self._update(verdict, evidence, processes)
        self.verdicts.append(verdict)
        return verdict

    def _update(self, verdict: Verdict, evidence: Evidence, processes: int) -> Verdict:
        """Write what the verdict allows; what is written does not fail."""
        action = decide(verdict, self.settings.reason)
        if action.writes_figure:
            verdict = replace(verdict, result=evidence.result(max(processes, len(evidence.taken))))
            self.store.write(recorded(verdict.result, self._provenance))
        elif action is Action.REFRESH and verdict.baseline is not None:
            self.store.write(refreshed(verdict.baseline, verdict.result))
        path = self.store.path(verdict.result.environment.id, verdict.result.benchmark.id)
        self.updates.append(
            Update(id=verdict.result.benchmark.id, action=str(action), path=self.shown_path(path))
        )
        if action is Action.KEEP:
            return replace(verdict, fails=True, reasons=(f"the old baseline was {action}", *verdict.reasons))
        return replace(verdict, fails=verdict.fails and (verdict.over_budget or not action.writes_figure))
