"""Confirmation: evidence is taken in looks that are fixed in advance, and a suspicion is checked afresh."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Generic, TypeVar

from pytest_energy.gate.judge import beyond
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Change, Kind, Verdict

Taken = TypeVar("Taken")
"""What one process brought back."""

LOOKS = (4, 8, 12, 16, 24)
"""Processes in all at each look. Four are enough where nothing changed; only what is in doubt costs more."""

BASELINE_PROCESSES = 16
"""Processes that a baseline records: it is judged against for months, so its own error must be small."""

ONE_PROCESS_LOOKS = (1, 2)
"""Looks at a callable: pytest's process is the only one, so the second look samples it again."""

_SETTLED = frozenset({Kind.PASSED, Kind.NEW, Kind.INCOMPARABLE, Kind.UNCHANGED})
_SUSPICIOUS = frozenset({Kind.REGRESSED, Kind.IMPROVED})


@dataclass(slots=True)
class Evidence(Generic[Taken]):
    """The processes of one benchmark, sampled as far as the verdict needs them.

    Attributes:
        sample: Samples the processes with these numbers.
        judge: Judges by some of them.
        taken: What was sampled so far.
    """

    sample: Callable[[range], Sequence[Taken]]
    judge: Callable[[Sequence[Taken]], Verdict]
    taken: list[Taken] = field(default_factory=list)

    def verdict(self, count: int, skip: int = 0) -> Verdict:
        """Judge by the processes ``skip`` to ``count``, sampling those that are missing."""
        if count > len(self.taken):
            self.taken += self.sample(range(len(self.taken), count))
        return self.judge(self.taken[skip:count])


def judge_in_looks(evidence: Evidence[Taken], policy: Policy, looks: Sequence[int] = LOOKS) -> Verdict:
    """Judge with as few processes as the answer needs.

    What is settled by one look ends there. A regression or an improvement is believed only when all processes
    together show it, and so do, by themselves, those that were started after the look before, which must not
    have read the opposite. What stays open after the last look is INCONCLUSIVE.

    Raises:
        HarnessError: Sampling failed.
    """
    verdict = evidence.verdict(looks[0])
    for before, count in pairwise(looks):
        if verdict.kind in _SETTLED:
            return verdict
        earlier, verdict = verdict, evidence.verdict(count)
        if verdict.kind in _SUSPICIOUS and earlier.kind in {verdict.kind, Kind.INCONCLUSIVE}:
            fresh = evidence.verdict(count, skip=before)
            if _agrees(fresh, verdict):
                return _with_reason(verdict, _confirmed(fresh))
    return _unconfirmed(verdict, policy) if verdict.kind in _SUSPICIOUS else verdict


def _agrees(fresh: Verdict, verdict: Verdict) -> bool:
    """Whether fresh processes alone point the same way; being few, they need not be as sure."""
    if fresh.kind is verdict.kind or (fresh.over_budget and verdict.over_budget):
        return True
    if fresh.change is None:
        return False
    return beyond(Change(point=fresh.change.point), fresh.tolerance) is verdict.kind


def _confirmed(fresh: Verdict) -> str:
    count = len(fresh.result.processes)
    return f"confirmed in {count} fresh processes" if count > 1 else "confirmed by sampling it a second time"


def _unconfirmed(verdict: Verdict, policy: Policy) -> Verdict:
    doubtful = replace(verdict, kind=Kind.INCONCLUSIVE, fails=policy.fails(Kind.INCONCLUSIVE))
    return _with_reason(doubtful, f"reads {verdict.kind}, but a fresh look did not confirm it")


def _with_reason(verdict: Verdict, sentence: str) -> Verdict:
    return replace(verdict, reasons=(sentence, *verdict.reasons))
