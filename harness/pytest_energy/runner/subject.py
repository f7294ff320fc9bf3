"""A suite entry as a worker is told of it, and what its graph says."""

from pytest_energy.errors import ModelError
from pytest_energy.results.inspection import Inspection, Work
from pytest_energy.runtime.built_step import BuiltStep
from pytest_energy.runtime.graph_reader import read_graph
from pytest_energy.runtime.job import LEAST_SHARE, Subject
from pytest_energy.runtime.step_cache import built_step
from pytest_energy.workloads.suite import SuiteEntry


def subject_of(entry: SuiteEntry) -> Subject:
    """Return an entry as a worker is told of it."""
    inspected = _inspected(entry)
    return Subject(
        model=str(entry.model_path),
        provider=entry.benchmark.provider or "cpu",
        batch=entry.benchmark.batch,
        threads=entry.benchmark.threads,
        spinning=entry.benchmark.spinning,
        inputs=inspected.plan if inspected else None,
        given=entry.inputs,
        session=entry.benchmark.session,
        library=None if entry.library is None else str(entry.library),
        least_share=LEAST_SHARE if entry.overrides.placement is None else entry.overrides.placement,
        transfer=entry.benchmark.transfer,
        pace_s=entry.benchmark.pace_s,
        agreement=entry.overrides.agreement,
        step=_step_of(entry),
    )


def _step_of(entry: SuiteEntry) -> BuiltStep | None:
    """Return the training step of an entry, built where it was not yet; None for inference."""
    benchmark = entry.benchmark
    if benchmark.training is None:
        return None
    return built_step(entry.model_path, benchmark.training, benchmark.provider or "cpu")


def work_of(entry: SuiteEntry) -> Work | None:
    """Return what a step of an entry computes and moves; None where its graph does not tell all of it."""
    if entry.benchmark.mode == "training":
        return None
    inspected = _inspected(entry)
    work = inspected.work if inspected else None
    return work if work and not work.unknown else None


def _inspected(entry: SuiteEntry) -> Inspection | None:
    """Return what the graph says; None where it cannot be read, so that the worker searches for feeds."""
    try:
        return read_graph(entry.model_path, entry.benchmark.batch)
    except ModelError:
        return None
