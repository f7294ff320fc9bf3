"""What one worker process brought back of one subject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from pytest_energy.results.agreement import Agreement
from pytest_energy.results.codec import from_plain
from pytest_energy.results.factors import Factors
from pytest_energy.results.placement import Placement
from pytest_energy.results.samples import ProcessSamples
from pytest_energy.results.training import TrainingRecord
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.worker_process import Event, WorkerProcess

# What is told of a session before it is sampled: creating it, and its first step.
_START = ("load_s", "load_cpu_s", "first_run_s", "first_run_cpu_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What one process brought back.

    Attributes:
        samples: Its readings; None where it only ran one step.
        factors: Its factors, without the model's hash.
        placement: Where the nodes ran; None for a callable.
        agreement: How far outputs are from the CPU provider's; None where that was not looked at.
        finite: Whether every output was finite.
        as_planned: Whether every size was the one that the plan from the graph puts first.
        notes: Sentences on what it was fed with.
        outputs: Outputs of the first step, where they were asked for.
        step_build_s: How long building the training step took, in s; None for inference.
        training: How a whole run of training went; None where a step is no such run.
    """

    samples: ProcessSamples | None
    factors: Factors
    placement: Placement | None = None
    agreement: Agreement | None = None
    finite: bool = True
    as_planned: bool = False
    notes: tuple[str, ...] = ()
    outputs: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    step_build_s: float | None = None
    training: TrainingRecord | None = None


def run_in(worker: WorkerProcess, job: Job) -> tuple[Sampled, ...]:
    """Let a worker that is ready do a job, and return what it brought back, per subject."""
    with worker:
        return brought_back(worker.run(job), len(job.subjects))


def brought_back(events: Iterable[Event], subjects: int = 1) -> tuple[Sampled, ...]:
    """Gather what a worker tells into what it brought back, per subject."""
    loaded: dict[int, Event] = {}
    outputs = {}
    samples: list[Any] = [None] * subjects
    windows: list[list[Any]] = [[] for _ in range(subjects)]
    for event in events:
        match event["event"]:
            case "loaded":
                loaded[event["subject"]] = event
            case "output":
                outputs[event["name"]] = event["array"]
            case "sampled":
                samples = event["samples"]
                windows = event.get("windows", windows)
    return tuple(
        _sampled(loaded[number], each and each | {"windows": windows[number]}, outputs if number == 0 else {})
        for number, each in enumerate(samples)
    )


def _sampled(loaded: Event, samples: Any, outputs: Mapping[str, npt.NDArray[Any]]) -> Sampled:
    start = {key: loaded[key] for key in _START}
    return Sampled(
        samples=from_plain(samples | start, ProcessSamples) if samples else None,
        factors=from_plain(loaded["factors"], Factors),
        placement=from_plain(loaded["placement"], Placement),
        agreement=loaded["agreement"] and from_plain(loaded["agreement"], Agreement),
        finite=loaded["finite"],
        as_planned=loaded["as_planned"],
        notes=tuple(loaded["notes"]),
        outputs=outputs,
        step_build_s=loaded.get("step_build_s"),
        training=from_plain(loaded["training"], TrainingRecord) if loaded.get("training") else None,
    )
