"""Explanation: a regression of a model is profiled, and told by operators."""

from collections.abc import Sequence
from dataclasses import replace

from pytest_energy.errors import HarnessError
from pytest_energy.gate.operators import explain_growth
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.results.codec import from_plain
from pytest_energy.results.operators import OperatorProfile
from pytest_energy.runner.pipeline import Setup, subject_of
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.suite import SuiteEntry


def operator_profiles(entries: Sequence[SuiteEntry], setup: Setup) -> tuple[OperatorProfile, ...]:
    """Profile entries, one after the other, in a fresh process: a profiled step is too slow to be sampled.

    Raises:
        HarnessError: What the worker found wrong.
    """
    job = Job(subjects=tuple(subject_of(entry) for entry in entries), plan=None, profile=True)
    with WorkerProcess(setup.timeout_s) as worker:
        worker.wait_until_ready()
        return tuple(
            from_plain(event["profile"], OperatorProfile)
            for event in worker.run(job)
            if event["event"] == "profiled"
        )


def with_operators(verdict: Verdict, new: SuiteEntry, old: SuiteEntry, setup: Setup) -> Verdict:
    """Add to a regression which operators grew; every other verdict stays as it is.

    The verdict does not depend on it: where profiling fails, that is one reason more.
    """
    if verdict.kind is not Kind.REGRESSED or verdict.change is None:
        return verdict
    setup.progress(f"{new.benchmark.id}: operators")
    try:
        before, after = operator_profiles([old, new], setup)
    except HarnessError as error:
        reason = f"which operators grew could not be told: {str(error).rstrip('.')}"
        return replace(verdict, reasons=(*verdict.reasons, reason))
    return replace(verdict, operators=explain_growth(before, after, 1 + verdict.change.point))
