"""The pipeline: suite entries, run and sampled by fresh worker processes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy.typing as npt

from pytest_energy.measurement.plan import Plan
from pytest_energy.reports.epoch_words import epoch_words
from pytest_energy.results.factors import Factors
from pytest_energy.results.training import TrainingProgress
from pytest_energy.runner.metering import METERED_PROCESSES
from pytest_energy.runner.sampled import Sampled, brought_back, run_in
from pytest_energy.runner.setup import Progress, Setup
from pytest_energy.runner.subject import subject_of
from pytest_energy.runner.verified import needs_no_proof, verified, with_verified
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, Interpreter
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import Event, WorkerProcess, without_name
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry

_STARTED_TOGETHER = 4  # processes that import side by side: more would only crowd the memory


def sample_in_workers(
    entries: Sequence[SuiteEntry], processes: range, setup: Setup
) -> list[tuple[Sampled, ...]]:
    """Sample entries in fresh processes: started together, measured one after the other.

    Nothing else of ours runs while one measures, and the processes are independent evidence.

    Args:
        entries: One entry, or two that are compared: each process runs both, in alternating blocks.
        processes: Numbers of the processes.
        setup: What the run holds fixed.

    Returns:
        What each process brought back, per entry.

    Raises:
        HarnessError: What a worker found wrong; see its ``run``.
    """
    taken: list[tuple[Sampled, ...]] = []
    for first in range(processes.start, processes.stop, _STARTED_TOGETHER):
        group = range(first, min(first + _STARTED_TOGETHER, processes.stop))
        with ExitStack() as stack:
            workers = [stack.enter_context(WorkerProcess(setup.limits)) for _ in group]
            # While these start, it is found out where the nodes run.
            known = [verified(entry, setup) for entry in entries] if first == 0 else []
            for worker in workers:
                worker.wait_until_ready()
            for number, worker in zip(group, workers, strict=True):
                doing = f"{entries[0].benchmark.id}: process {number + 1} of {processes.stop}"
                setup.progress(doing)
                taken.append(with_verified(_measured_in(worker, entries, number, setup, doing), known))
    return taken


def _measured_in(
    worker: WorkerProcess, entries: Sequence[SuiteEntry], number: int, setup: Setup, doing: str
) -> tuple[Sampled, ...]:
    metering = setup.metering if number < METERED_PROCESSES else None
    job = replace(_job(entries, number, setup.plan), metered=metering is not None)
    with worker:
        events = told_epochs(worker.run(job), setup.progress, doing)
        if metering is not None:
            events = metering.watch(worker, events, [metering.request(entry) for entry in entries])
        return brought_back(events, len(entries))


def told_epochs(events: Iterator[Event], progress: Progress, doing: str) -> Iterator[Event]:
    """Pass events on, and show how far a whole run of training is."""
    for event in events:
        if event["event"] == "epoch":
            # First what changes: what comes behind it may find no room on the line.
            progress(f"{epoch_words(TrainingProgress(**without_name(event)))} ({doing})")
        yield event


def run_once(entry: SuiteEntry, limits: Limits) -> Mapping[str, npt.NDArray[Any]]:
    """Run one step of an entry in a worker, unmeasured, and return its outputs.

    Raises:
        HarnessError: What the worker found wrong.
    """
    with WorkerProcess(limits) as worker:
        worker.wait_until_ready()
        job = replace(_job([entry], 0, None), verify=not needs_no_proof(entry))
        return run_in(worker, job)[0].outputs


def current_factors(entry: SuiteEntry, setup: Setup, interpreter: Interpreter = THIS_INTERPRETER) -> Factors:
    """Load an entry in a worker and return all that could change its figure, without sampling it.

    Raises:
        HarnessError: What the worker found wrong, or the model cannot be read.
    """
    known = verified(entry, setup, interpreter)
    with interpreter.worker(setup.limits) as worker:
        worker.wait_until_ready()
        (loaded,) = with_verified(run_in(worker, _job([entry], 1, None)), [known])
    return replace(loaded.factors, model=read_model_hash(entry.model_path))


def _job(entries: Sequence[SuiteEntry], process: int, plan: Plan | None) -> Job:
    return Job(
        subjects=tuple(subject_of(entry) for entry in entries),
        process=process,
        plan=plan,
        outputs=process == 0,
    )
