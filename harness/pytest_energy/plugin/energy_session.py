"""The energy session: measures, judges and updates, and remembers all of it for the report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy.typing as npt

from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.provenance import current_provenance
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.errors import HarnessError, UsageError
from pytest_energy.gate.policy import ONE_PROCESS_TOLERANCE, PAIRED_TOLERANCE, TOLERANCE, Policy
from pytest_energy.gate.verdict import Kind, Unchanged, Verdict
from pytest_energy.measurement.clock import today
from pytest_energy.reports.report import Update
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
from pytest_energy.runner.explanation import with_operators, with_profile
from pytest_energy.runner.in_process import Work, callable_evidence
from pytest_energy.runner.metering import Metering
from pytest_energy.runner.paired import is_same, judge_pair
from pytest_energy.runner.pipeline import current_factors, run_once
from pytest_energy.runner.setup import Progress, Setup
from pytest_energy.runner.stored import stored_evidence
from pytest_energy.settings import Settings
from pytest_energy.terms import PROCESSES_PER_BUDGET, limits_of, plan_for, policy_for
from pytest_energy.workloads.revision import Absent, Revision
from pytest_energy.workloads.suite import Overrides, SuiteEntry

Outputs = Mapping[str, npt.NDArray[Any]]
Answer = Verdict | Unchanged


def benchmark_of(answer: Answer) -> Benchmark:
    """Return what an answer is about."""
    return answer.benchmark if isinstance(answer, Unchanged) else answer.result.benchmark


class EnergySession:
    """Built once from the settings; fed by items and fixtures; read by the report."""

    def __init__(
        self,
        settings: Settings,
        conditions: Conditions,
        store: BaselineStore,
        progress: Progress,
        revision: Revision | None = None,
    ) -> None:
        """Remember what holds for the whole run.

        Args:
            settings: What the user asked for.
            conditions: Machine, power profile and electricity.
            store: Where the baselines lie.
            progress: Shows a few words on what is being done.
            revision: What models are compared with instead of baselines; None for baselines.
        """
        self.settings = settings
        self.conditions = conditions
        self.store = store
        self.revision = revision
        self.verdicts: list[Verdict] = []
        self.unchanged: list[Unchanged] = []
        self.updates: list[Update] = []
        self._setup = Setup(
            conditions=conditions,
            limits=limits_of(settings),
            progress=progress,
            metering=Metering(),
        )
        self._owners: dict[str, str] = {}
        self._judged: dict[str, tuple[Answer, Outputs]] = {}

    def run_model(
        self, entry: SuiteEntry, owner: str, suite: Path | None = None, *, outputs: bool = False
    ) -> tuple[Answer, Outputs]:
        """Measure and judge a model; who asks again, as a rerun of a test does, gets the same verdict.

        Args:
            entry: The benchmark, its model and its own settings.
            owner: What asks for it: a pytest node id, perhaps with the number of a call behind it.
            suite: The suite that it comes from; None where it was named by itself or by a test.
            outputs: Whether outputs are wanted although nothing needs to be run.

        Returns:
            The verdict, and the outputs of the first step by name.

        Raises:
            HarnessError: There is no verdict; the message says why.
        """
        name = entry.benchmark.id
        self._claim(name, owner)
        if name not in self._judged:
            answer, made = self._judge_model(entry, suite)
            if self.settings.html is not None and isinstance(answer, Verdict):
                answer = with_profile(answer, entry, self._setup)
            if outputs and not made:
                made = run_once(entry, self._setup.limits)
            self._judged[name] = self._remembered(answer), made
        return self._judged[name]

    def run_callable(  # noqa: PLR0913 - what is run, for whom, and for how long
        self,
        benchmark: Benchmark,
        work: Work,
        overrides: Overrides,
        owner: str,
        *,
        shares: int = len(ONE_PROCESS_LOOKS),
        looks: Sequence[int] = ONE_PROCESS_LOOKS,
    ) -> Answer:
        """Measure and judge a callable in this process.

        Args:
            benchmark: What reports and baselines call it.
            work: What is sampled.
            overrides: Settings of its own.
            owner: What asks for it, as in ``run_model``.
            shares: Into how many samplings the time budget is divided.
            looks: How often it may be sampled, in all, at each look.

        Raises:
            HarnessError: There is no verdict; the message says why.
        """
        self._claim(benchmark.id, owner)
        if benchmark.id not in self._judged:
            verdict = self._judge_callable(
                benchmark, work, self._setup_for(overrides, shares), overrides, looks
            )
            self._judged[benchmark.id] = self._remembered(verdict), {}
        return self._judged[benchmark.id][0]

    def has_verdict(self, nodeid: str) -> bool:
        """Whether a test has a verdict from any of its calls."""
        return any(
            owner == nodeid or owner.startswith(f"{nodeid} (call ")
            for name, owner in self._owners.items()
            if name in self._judged
        )

    def nodeid_of(self, name: str) -> str | None:
        """Return the test that a benchmark belongs to; None where it is unknown."""
        owner = self._owners.get(name)
        return None if owner is None else owner.partition(" (call ")[0]

    def fails(self, kind: Kind) -> bool:
        """Whether the settings make a verdict of this kind fail."""
        return Policy(fail_on=self.settings.fail_on, strict=self.settings.strict).fails(kind)

    def shown_baseline(self, verdict: Verdict) -> str | None:
        """Where the baseline of a verdict lies, or would lie; None for a revision."""
        if verdict.paired:
            return None
        known = verdict.baseline or verdict.result
        return self.shown_path(self.store.path(known.environment.id, known.benchmark.id))

    def shown_path(self, path: Path) -> str:
        """A path as the user would write it: relative to the project where it lies in it."""
        return str(path.relative_to(self.settings.root) if path.is_relative_to(self.settings.root) else path)

    def _judge_model(self, entry: SuiteEntry, suite: Path | None) -> tuple[Answer, Outputs]:
        if self.revision is not None:
            return self._judge_against(self.revision, entry, suite)
        baseline = self._baseline(entry.benchmark)
        if self.settings.only_changed and baseline and self._is_as_recorded(entry, baseline):
            reason = "not run: everything that is recorded of it is as in its baseline"
            return Unchanged(benchmark=entry.benchmark, reason=reason, baseline=baseline), {}
        policy = policy_for(self.settings, entry.overrides, TOLERANCE)
        evidence = stored_evidence(entry, baseline, policy, self._setup_for(entry.overrides))
        verdict = judge_in_looks(evidence, policy)
        verdict = self._updated(verdict, evidence, BASELINE_PROCESSES)
        return verdict, evidence.taken[0][0].outputs

    def _judge_against(
        self, revision: Revision, entry: SuiteEntry, suite: Path | None
    ) -> tuple[Answer, Outputs]:
        policy = policy_for(self.settings, entry.overrides, PAIRED_TOLERANCE)
        setup = self._setup_for(entry.overrides)
        old = revision.entry(entry, suite, self.settings.libraries)
        if isinstance(old, Absent):
            evidence = stored_evidence(entry, None, policy, setup)
            verdict = evidence.verdict(LOOKS[0])
            return replace(verdict, reasons=(old.reason,)), evidence.taken[0][0].outputs
        if is_same(entry, old):
            reason = f"not run: byte for byte as in {revision.shown}"
            return Unchanged(benchmark=entry.benchmark, reason=reason), {}
        origin = Provenance(commit=revision.short, date=revision.date)
        try:
            verdict, taken = judge_pair(entry, old, origin, policy, setup)
        except HarnessError as error:
            raise type(error)(revision.readable(str(error))) from error
        return with_operators(verdict, entry, old, setup), taken[0][0].outputs

    def _judge_callable(
        self, benchmark: Benchmark, work: Work, setup: Setup, overrides: Overrides, looks: Sequence[int]
    ) -> Verdict:
        policy = policy_for(self.settings, overrides, ONE_PROCESS_TOLERANCE)
        evidence = callable_evidence(benchmark, work, self._baseline(benchmark), policy, setup)
        return self._updated(judge_in_looks(evidence, policy, looks), evidence, 1)

    def _is_as_recorded(self, entry: SuiteEntry, baseline: Baseline) -> bool:
        if baseline.environment != self.conditions.machine.environment:
            return False
        return current_factors(entry, self._setup) == baseline.factors

    def _remembered(self, answer: Answer) -> Answer:
        if isinstance(answer, Unchanged):
            self.unchanged.append(answer)
        else:
            self.verdicts.append(answer)
        return answer

    @cached_property
    def _provenance(self) -> Provenance:
        return current_provenance(self.settings.baselines, self.settings.reason, today())

    def _claim(self, name: str, owner: str) -> None:
        """Refuse a second benchmark with the same id: both would share one baseline."""
        other = self._owners.setdefault(name, owner)
        if other != owner:
            raise UsageError(
                f"Two benchmarks have the id {name!r}: {other} and {owner}. Give one of them a name "
                'of its own (name = "..." in a suite, name="..." in the fixture).'
            )

    def _setup_for(self, overrides: Overrides, shares: int = PROCESSES_PER_BUDGET) -> Setup:
        return replace(self._setup, plan=plan_for(self.settings, overrides, shares))

    def _baseline(self, benchmark: Benchmark) -> Baseline | None:
        """Return this environment's baseline, else the most comparable one of another."""
        environment = self.conditions.machine.environment
        own = self.store.read(benchmark.id, environment.id)
        if own is not None:
            return own
        others = self.store.others(benchmark.id, environment.id)
        return min(others, key=lambda each: each.environment.isa != environment.isa, default=None)

    def _updated(self, verdict: Verdict, evidence: Evidence[Any], processes: int) -> Verdict:
        """Write what an update may write, and return what is then to be said."""
        return self._update(verdict, evidence, processes) if self.settings.update else verdict

    def _update(self, verdict: Verdict, evidence: Evidence[Any], processes: int) -> Verdict:
        """Write what the verdict allows; what is written does not fail."""
        action = decide(verdict, self.settings.reason)
        if action.writes_figure:
            verdict = replace(verdict, result=evidence.verdict(max(processes, len(evidence.taken))).result)
            self.store.write(recorded(verdict.result, self._provenance))
            if verdict.kind is Kind.NEW:
                verdict = replace(verdict, reasons=("its first baseline was recorded",))
        elif action is Action.REFRESH and verdict.baseline is not None:
            self.store.write(refreshed(verdict.baseline, verdict.result))
        path = self.store.path(verdict.result.environment.id, verdict.result.benchmark.id)
        self.updates.append(
            Update(id=verdict.result.benchmark.id, action=str(action), path=self.shown_path(path))
        )
        if action is Action.KEEP:
            return replace(verdict, fails=True, reasons=(f"the old baseline was {action}", *verdict.reasons))
        return replace(verdict, fails=verdict.fails and (verdict.over_budget or not action.writes_figure))
