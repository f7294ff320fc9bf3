"""Confirmation: evidence is taken in looks whose number is fixed in advance, and a suspicion is checked afresh."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.gate.judge import beyond, judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.results.result import Result
from pytest_energy.runner.pipeline import Sampled

LOOKS = (4, 8, 12)
"""Processes in all at each look. Four are enough where nothing changed; only a doubtful benchmark costs more."""

BASELINE_PROCESSES = 12
"""Processes that a baseline records: it is judged against for months, so its own error must be small."""

ONE_PROCESS_LOOKS = (1, 2)
"""Looks at a callable: pytest's process is the only one, so the second look samples it again."""

_SETTLED = frozenset({Kind.PASSED, Kind.NEW, Kind.INCOMPARABLE, Kind.UNCHANGED})


@dataclass(slots=True)
class Evidence:
    """The processes of one benchmark, sampled as far as the verdict needs them.

    Attributes:
        sample: Samples the processes with these numbers.
        build: Makes a Result of some of them.
        taken: What was sampled so far.
    """

    sample: Callable[[range], Sequence[Sampled]]
    build: Callable[[Sequence[Sampled]], Result]
    taken: list[Sampled] = field(default_factory=list)

    def result(self, count: int, skip: int = 0) -> Result:
        """Return a result of the processes ``skip`` to ``count``, sampling those that are missing."""
        if count > len(self.taken):
            self.taken += self.sample(range(len(self.taken), count))
        return self.build(self.taken[skip:count])


def judge_in_looks(
    evidence: Evidence, baseline: Baseline | None, policy: Policy, looks: Sequence[int] = LOOKS
) -> Verdict:
    """Judge with as few processes as the answer needs.

    What is settled by one look ends there. A regression or an improvement is believed only when processes started
    after the suspicion show it too. What stays open after the last look is INCONCLUSIVE.

    Raises:
        HarnessError: Sampling failed.
    """
    verdict = judge(evidence.result(looks[0]), baseline, policy)
    for before, count in zip(looks, looks[1:], strict=False):
        if verdict.kind in _SETTLED:
            return verdict
        verdict = judge(evidence.result(count), baseline, policy)
        fresh = judge(evidence.result(count, skip=before), baseline, policy)
        if verdict.kind in {Kind.REGRESSED, Kind.IMPROVED} and _agrees(fresh, verdict):
            sentence = f"confirmed in {count - before} fresh processes"
            return replace(verdict, reasons=(sentence, *verdict.reasons))
    if verdict.kind in {Kind.REGRESSED, Kind.IMPROVED}:
        return _unconfirmed(verdict, policy)
    return verdict


def _agrees(fresh: Verdict, verdict: Verdict) -> bool:
    """Whether fresh processes alone point the same way; being few, they need not be as sure."""
    if fresh.kind is verdict.kind:
        return True
    if fresh.change is None or verdict.over_budget:
        return False
    return beyond(replace(fresh.change, low=None, high=None), fresh.tolerance) is verdict.kind


def _unconfirmed(verdict: Verdict, policy: Policy) -> Verdict:
    sentence = f"{verdict.kind} in all processes together, but fresh processes did not confirm it"
    return replace(
        verdict,
        kind=Kind.INCONCLUSIVE,
        reasons=(sentence, *verdict.reasons),
        fails=policy.fails(Kind.INCONCLUSIVE),
    )
