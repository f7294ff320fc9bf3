"""Stored: a model is measured by itself and compared with a baseline that was recorded earlier."""

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.runner.confirmation import Evidence
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.result_of_samples import build_result
from pytest_energy.runner.sampled import Sampled
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import work_of
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry


def stored_evidence(
    entry: SuiteEntry, baseline: Baseline | None, policy: Policy, setup: Setup
) -> Evidence[tuple[Sampled, ...]]:
    """Return evidence on a model, still to be sampled.

    Raises:
        ModelError: The model cannot be read.
    """
    model_hash = read_model_hash(entry.model_path)
    return Evidence(
        sample=lambda processes: sample_in_workers([entry], processes, setup),
        judge=lambda taken: judge(
            build_result(
                entry.benchmark,
                [own for (own,) in taken],
                setup.conditions,
                model_hash=model_hash,
                confidence=policy.confidence,
                work=work_of(entry),
            ),
            baseline,
            policy,
        ),
    )
