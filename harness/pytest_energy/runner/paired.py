"""Paired: two versions of a model run in the same processes, block by block, and their ratio is judged."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pytest_energy.baselines.baseline import Provenance
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Verdict
from pytest_energy.runner.acceptance import recorded
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.confirmation import Evidence, judge_in_looks
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.result_of_samples import build_result
from pytest_energy.runner.sampled import Sampled
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import work_of
from pytest_energy.workloads.given_feeds import given_identity
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry

LOOKS = (4, 8, 12, 16, 24)
"""Processes in all at each look."""

Pair = tuple[Sampled, ...]


def is_same(new: SuiteEntry, old: SuiteEntry) -> bool:
    """Whether two versions of a benchmark are byte for byte the same, run in the same way and fed the same.

    Run by the same processes, they then have the same factors too: there is nothing to measure.

    Raises:
        ModelError: One of the models cannot be read.
    """
    same_way = replace(new.benchmark, model=old.benchmark.model) == old.benchmark
    same_inputs = given_identity(new.inputs) == given_identity(old.inputs)
    return same_way and same_inputs and read_model_hash(new.model_path) == read_model_hash(old.model_path)


def judge_pair(
    new: SuiteEntry, old: SuiteEntry, origin: Provenance, policy: Policy, setup: Setup
) -> tuple[Verdict, Sequence[Pair]]:
    """Compare two versions of a benchmark.

    Args:
        new: The benchmark as it is.
        old: The same benchmark as it was.
        origin: Where the old version comes from.
        policy: The rules.
        setup: What the run holds fixed.

    Returns:
        The verdict, and what was sampled for it.

    Raises:
        HarnessError: There is no verdict; the message says why.
    """
    evidence = Evidence(
        sample=lambda processes: sample_in_workers([new, old], processes, setup),
        judge=judge_of_pairs(new, old, origin, policy, setup.conditions),
    )
    return judge_in_looks(evidence, policy, LOOKS), evidence.taken


def judge_of_pairs(
    new: SuiteEntry, old: SuiteEntry, origin: Provenance, policy: Policy, conditions: Conditions
) -> Callable[[Sequence[Pair]], Verdict]:
    """Return what judges pairs, of which the first one is of ``new`` and the second one of ``old``.

    Raises:
        ModelError: One of the models cannot be read.
    """
    hashes = read_model_hash(new.model_path), read_model_hash(old.model_path)

    def judged(taken: Sequence[Pair]) -> Verdict:
        results = [
            build_result(
                entry.benchmark,
                [pair[side] for pair in taken],
                conditions,
                model_hash=hashes[side],
                confidence=policy.confidence,
                work=work_of(entry),
            )
            for side, entry in enumerate((new, old))
        ]
        return judge(results[0], recorded(results[1], origin), policy, paired=True)

    return judged
