"""Where an entry really runs: found out in a process of its own, once per run."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from pytest_energy.runner.sampled import Sampled, run_in
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import subject_of
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, Interpreter
from pytest_energy.runtime.job import Job
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry


def verified(entry: SuiteEntry, setup: Setup, interpreter: Interpreter = THIS_INTERPRETER) -> Sampled | None:
    """Find out in a process of its own where the nodes of an entry run; once per run.

    Args:
        entry: What is run.
        setup: What the run holds fixed; remembers what was found.
        interpreter: What it is run in.

    Returns:
        What that process brought back, without samples; None for the CPU provider, which has no other to fall
        back on.

    Raises:
        PlacementError: Too much of it runs elsewhere.
        HarnessError: What else the worker found wrong.
    """
    if needs_no_proof(entry):
        return None
    subject = subject_of(entry)
    key = json.dumps([interpreter.python, read_model_hash(entry.model_path), asdict(subject)])
    if key not in setup.verified:
        setup.progress(f"{entry.benchmark.id}: placement")
        with interpreter.worker(setup.limits) as worker:
            worker.wait_until_ready()
            (found,) = run_in(worker, Job(subjects=(subject,), plan=None, verify=True))
        setup.verified[key] = found
    return setup.verified[key]


def with_verified(taken: Sequence[Sampled], known: Sequence[Sampled | None]) -> tuple[Sampled, ...]:
    """Put what was verified in the place of what ONNX Runtime announced, where there is something."""
    if not any(known):
        return tuple(taken)
    return tuple(
        each if found is None else _placed(each, found) for each, found in zip(taken, known, strict=True)
    )


def _placed(sampled: Sampled, found: Sampled) -> Sampled:
    factors = replace(sampled.factors, placement=found.factors.placement, elsewhere=found.factors.elsewhere)
    return replace(sampled, factors=factors, placement=found.placement, agreement=found.agreement)


def needs_no_proof(entry: SuiteEntry) -> bool:
    """Whether there is no other provider that its nodes could fall back on."""
    return entry.benchmark.provider in {None, "cpu"}
