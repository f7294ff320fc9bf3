"""A model that is trained for its own sake: one whole run in a worker, what it cost, and the weights kept."""

import math
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pytest_energy.baselines.atomic_file import require_place, write_atomically
from pytest_energy.errors import UsageError
from pytest_energy.footprint.energy import estimate_energy
from pytest_energy.footprint.sci import sci_score
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.codec import from_plain
from pytest_energy.results.energy import EnergyEstimate, Pins, SciScore
from pytest_energy.results.training import TrainingProgress
from pytest_energy.results.training_run import RunOfTraining
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.subject import subject_of
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.weights_writer import write_weights
from pytest_energy.runtime.worker_process import Event, WorkerProcess, without_name
from pytest_energy.training.write_request import WriteRequest
from pytest_energy.workloads.suite import SuiteEntry

Told = Callable[[TrainingProgress], object]
"""Told now and then how far training has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model that was trained and written.

    Attributes:
        benchmark: What was run, as a benchmark has it.
        run: How it went.
        output: Name of the tensor that the loss was taken of.
        energy: Energy of the whole run, from the first batch to the end.
        score: Its emissions.
        pins: What these were computed with.
        notes: Sentences that a reader must know.
    """

    benchmark: Benchmark
    run: RunOfTraining
    output: str
    energy: EnergyEstimate
    score: SciScore
    pins: Pins
    notes: tuple[str, ...]


def train_model(
    entry: SuiteEntry, output: Path, setup: Setup, told: Told = lambda _: None, *, seed: int = 0
) -> Trained:
    """Train a model once, and write it with what was learned; only a complete file replaces another one.

    A model that missed its target is written too: it is as good as it became. One that diverged is not.

    Args:
        entry: A training benchmark of a whole run, with all of its data.
        output: The file to write.
        setup: What figures are computed with, and what a worker may take; time that it may take is unlimited.
        told: Told now and then how far it has come.
        seed: Seed of the order of rows that are shuffled.

    Raises:
        HarnessError: What is wrong with model, data or provider, or with the file.
    """
    if output.is_dir():
        raise UsageError(f"{output} is a folder. Name a file in it with -o.")
    require_place(output, UsageError)
    # However long training takes, it is awaited while it gives signs of life.
    limits = replace(setup.limits, silences=math.inf)
    with TemporaryDirectory(prefix="pytest-energy-train-") as folder, WorkerProcess(limits) as worker:
        subject = replace(subject_of(entry), all_given=True)
        assert subject.step is not None  # noqa: S101 - what is trained has a step
        worker.wait_until_ready()
        values = str(Path(folder, "values.npz"))
        run = _run(worker.run(Job(subjects=(subject,), plan=None, seed=seed, train=values)), told)
        request = WriteRequest(
            model=subject.model,
            values=values,
            copies=subject.step.description.copies,
            output=str(Path(folder, "trained.onnx")),
            data=f"{output.stem}-{secrets.token_hex(4)}.data",
        )
        write_weights(request)
        _put_in_place(request, output)
        notes = (*subject.step.description.notes, *run.notes)
        return _costed(entry.benchmark, run, subject.step.description.output, setup.conditions, notes)


def _run(events: Iterable[Event], told: Told) -> RunOfTraining:
    done: dict[str, Any] = {}
    for event in events:
        if event["event"] == "epoch":
            told(TrainingProgress(**without_name(event)))
        elif event["event"] == "trained":
            done = without_name(event)
    return from_plain(done, RunOfTraining)


def _put_in_place(request: WriteRequest, output: Path) -> None:
    """Move a complete model to where it shall lie; its weights first, where they lie beside it."""
    data = Path(request.output).with_name(request.data)
    if data.exists():
        output.absolute().parent.mkdir(parents=True, exist_ok=True)
        shutil.move(data, output.absolute().with_name(request.data))
    write_atomically(output, Path(request.output).read_bytes(), UsageError)


def _costed(
    benchmark: Benchmark, run: RunOfTraining, output: str, conditions: Conditions, notes: tuple[str, ...]
) -> Trained:
    accelerator = conditions.accelerator_of(benchmark.provider) if run.signal == "device" else None
    pins = conditions.pins(benchmark.threads, accelerator)
    energy = estimate_energy(
        cpu_s=run.cpu_s,
        duration_s=run.duration_s,
        random_fraction=None,
        profile=conditions.profile,
        pins=pins,
        memory_gib=conditions.machine.memory_gib,
        threads=benchmark.threads,
        accelerator=accelerator,
    )
    embodied = conditions.reserved_by(benchmark.threads)
    return Trained(
        benchmark=benchmark,
        run=run,
        output=output,
        energy=energy,
        score=sci_score(energy.energy_j, pins.intensity, pins.pue, embodied, run.duration_s),
        pins=pins,
        notes=(*notes, *conditions.notes),
    )
