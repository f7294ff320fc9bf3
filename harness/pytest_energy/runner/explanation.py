"""Explanation: a regression of a model is profiled, and told by operators."""

from dataclasses import replace

from pytest_energy.errors import HarnessError
from pytest_energy.gate.operators import explain_growth
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.results.codec import from_plain
from pytest_energy.results.operators import OperatorProfile
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import subject_of
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, Interpreter
from pytest_energy.runtime.job import Job
from pytest_energy.workloads.suite import SuiteEntry


def operator_profile(
    entry: SuiteEntry, setup: Setup, interpreter: Interpreter = THIS_INTERPRETER
) -> OperatorProfile:
    """Profile an entry in a fresh process: a profiled step is too slow to be sampled.

    Raises:
        HarnessError: What the worker found wrong.
    """
    job = Job(subjects=(subject_of(entry),), plan=None, profile=True)
    with interpreter.worker(setup.limits) as worker:
        worker.wait_until_ready()
        (profile,) = (event["profile"] for event in worker.run(job) if event["event"] == "profiled")
    return from_plain(profile, OperatorProfile)


def with_operators(
    verdict: Verdict, new: SuiteEntry, old: SuiteEntry, setup: Setup, other: Interpreter = THIS_INTERPRETER
) -> Verdict:
    """Add to a regression which operators grew; every other verdict stays as it is.

    The verdict does not depend on it: where profiling fails, that is one reason more.

    Args:
        verdict: The verdict.
        new: The benchmark as it is.
        old: The benchmark as it was.
        setup: What the run holds fixed.
        other: What the old one runs in.
    """
    if verdict.kind is not Kind.REGRESSED or verdict.change is None:
        return verdict
    setup.progress(f"{new.benchmark.id}: operators")
    try:
        before, after = operator_profile(old, setup, other), operator_profile(new, setup)
    except HarnessError as error:
        reason = f"which operators grew could not be told: {str(error).rstrip('.')}"
        return replace(verdict, reasons=(*verdict.reasons, reason))
    return replace(verdict, operators=explain_growth(before, after, 1 + verdict.change.point))


def with_profile(verdict: Verdict, entry: SuiteEntry, setup: Setup) -> Verdict:
    """Add to a result where the time of a step goes; where profiling fails, a note says why.

    Args:
        verdict: The verdict, which does not depend on it.
        entry: The benchmark.
        setup: What the run holds fixed.
    """
    setup.progress(f"{entry.benchmark.id}: operators")
    try:
        profile = operator_profile(entry, setup)
    except HarnessError as error:
        note = f"{entry.benchmark.id}: where its time goes could not be told: {str(error).rstrip('.')}"
        return replace(verdict, result=replace(verdict.result, notes=(*verdict.result.notes, note)))
    return replace(verdict, result=replace(verdict.result, operators=profile))
