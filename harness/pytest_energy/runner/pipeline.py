"""The pipeline: one suite entry, sampled by fresh worker processes, becomes a Result."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy.typing as npt

from pytest_energy.errors import ModelError
from pytest_energy.footprint.energy import estimate_energy
from pytest_energy.footprint.input_pipeline import input_pipeline_cost
from pytest_energy.footprint.measured import measured_energy
from pytest_energy.footprint.sci import sci_score
from pytest_energy.footprint.start import start_phases
from pytest_energy.footprint.wait import wait_j
from pytest_energy.measurement.plan import Plan
from pytest_energy.quantities import format_quantity
from pytest_energy.reports.epoch_words import epoch_words
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.codec import from_plain
from pytest_energy.results.energy import MeasuredEnergy, Pins
from pytest_energy.results.factors import Factors
from pytest_energy.results.inspection import Inspection, Work
from pytest_energy.results.placement import Placement
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples
from pytest_energy.results.training import TrainingProgress, TrainingRecord
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.metering import METERED_PROCESSES, Metering
from pytest_energy.runtime.built_step import BuiltStep
from pytest_energy.runtime.graph_reader import read_graph
from pytest_energy.runtime.interpreter import THIS_INTERPRETER, Interpreter
from pytest_energy.runtime.job import LEAST_SHARE, Job, Subject
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.step_cache import built_step
from pytest_energy.runtime.worker_process import Event, WorkerProcess, without_name
from pytest_energy.statistics.feed_spread import feed_spread
from pytest_energy.statistics.process_estimate import estimate_process, feed_costs
from pytest_energy.statistics.trimmed import spread, typical
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry

Progress = Callable[[str], object]
"""Called with a few words on what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is held fixed while a benchmark is measured.

    Attributes:
        conditions: Machine, power profile and electricity.
        limits: What a worker may take before it is killed.
        plan: How each process samples.
        progress: Shows a few words on what is being done.
        metering: The energy counters to read beside; None for none.
        verified: Where benchmarks were found to run, by all that could change it.
    """

    conditions: Conditions
    limits: Limits
    plan: Plan = field(default_factory=Plan)
    progress: Progress = lambda _: None
    metering: Metering | None = None
    verified: dict[str, "Sampled"] = field(default_factory=dict)


# What is told of a session before it is sampled: creating it, and its first step.
_START = ("load_s", "load_cpu_s", "first_run_s", "first_run_cpu_s")

_STARTED_TOGETHER = 4  # processes that import side by side: more would only crowd the memory


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
    if _needs_no_proof(entry):
        return None
    subject = subject_of(entry)
    key = json.dumps([interpreter.python, read_model_hash(entry.model_path), asdict(subject)])
    if key not in setup.verified:
        setup.progress(f"{entry.benchmark.id}: placement")
        with interpreter.worker(setup.limits) as worker:
            worker.wait_until_ready()
            (found,) = _run_in(worker, Job(subjects=(subject,), plan=None, verify=True))
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


def _needs_no_proof(entry: SuiteEntry) -> bool:
    return entry.benchmark.provider in {None, "cpu"}


def run_once(entry: SuiteEntry, limits: Limits) -> Mapping[str, npt.NDArray[Any]]:
    """Run one step of an entry in a worker, unmeasured, and return its outputs.

    Raises:
        HarnessError: What the worker found wrong.
    """
    with WorkerProcess(limits) as worker:
        worker.wait_until_ready()
        job = replace(_job([entry], 0, None), verify=not _needs_no_proof(entry))
        return _run_in(worker, job)[0].outputs


def current_factors(entry: SuiteEntry, setup: Setup, interpreter: Interpreter = THIS_INTERPRETER) -> Factors:
    """Load an entry in a worker and return all that could change its figure, without sampling it.

    Raises:
        HarnessError: What the worker found wrong, or the model cannot be read.
    """
    known = verified(entry, setup, interpreter)
    with interpreter.worker(setup.limits) as worker:
        worker.wait_until_ready()
        (loaded,) = with_verified(_run_in(worker, _job([entry], 1, None)), [known])
    return replace(loaded.factors, model=read_model_hash(entry.model_path))


def build_result(  # noqa: PLR0913 - the first three are the evidence, keywords what else is known
    benchmark: Benchmark,
    taken: Sequence[Sampled],
    conditions: Conditions,
    *,
    model_hash: str | None,
    confidence: float,
    work: Work | None = None,
) -> Result:
    """Reduce what the processes read to joules and grams per step.

    Args:
        benchmark: What was run.
        taken: At least one process with samples.
        conditions: Power profile, intensity and PUE.
        model_hash: SHA-256 of the model; None for a callable.
        confidence: Two-sided confidence of the random band.
        work: What a step computes and moves at the sizes of the plan; None where it is unknown.
    """
    samples = tuple(each.samples for each in taken if each.samples is not None)
    signal = taken[0].factors.signal
    processes = tuple(estimate_process(each, signal) for each in samples)
    accelerator = conditions.accelerator_of(benchmark.provider) if signal == "device" else None
    measured = measured_energy(samples, confidence)
    counted_w = _counted_w(measured) if signal == "device" else None
    pins = conditions.pins(benchmark.threads, accelerator)
    if counted_w is not None:
        pins = replace(pins, device_power_w=counted_w)
    duration_s = typical([one.duration_s for one in processes])
    energy = estimate_energy(
        cpu_s=typical([one.cpu_s for one in processes]),
        duration_s=duration_s,
        random_fraction=spread([one.seconds(signal) for one in processes], confidence),
        profile=conditions.profile,
        pins=pins,
        memory_gib=conditions.machine.memory_gib,
        threads=benchmark.threads,
        accelerator=accelerator,
        counted=counted_w is not None,
    )
    energy = replace(
        energy,
        measured=measured,
        parts_j=dict(energy.parts_j) | _wait(benchmark, processes, conditions),
    )
    score = sci_score(
        energy.energy_j, pins.intensity, pins.pue, conditions.reserved_by(benchmark.threads), duration_s
    )
    run = taken[0].training
    if run is not None:
        run = replace(run, pipeline=input_pipeline_cost(samples, processes, pins))
    samples_per_step = benchmark.batch * (run.batches if run else 1) if benchmark.mode == "training" else None
    return Result(
        benchmark=benchmark,
        environment=conditions.machine.environment,
        factors=replace(taken[0].factors, model=model_hash),
        samples=samples,
        processes=processes,
        energy=energy,
        score=score,
        pins=pins,
        placement=taken[0].placement,
        agreement=taken[0].agreement,
        start=start_phases(samples, pins),
        work=work if all(each.as_planned for each in taken) else None,
        step_build_s=taken[0].step_build_s,
        training=run,
        energy_per_sample_j=samples_per_step and energy.energy_j / samples_per_step,
        carbon_per_sample_g=samples_per_step and score.operational_g / samples_per_step,
        notes=(
            *_notes(benchmark, taken),
            *([_power_note(pins, counted=counted_w is not None)] if signal == "device" else []),
            *_pace_notes(benchmark, duration_s),
        ),
    )


def _counted_w(measured: Sequence[MeasuredEnergy]) -> float | None:
    """Return what the GPU drew by its counter; None where there is none."""
    return next((one.power_w for one in measured if one.component == "gpu"), None)


def _pace_notes(benchmark: Benchmark, duration_s: float) -> Iterator[str]:
    pace_s = benchmark.pace_s
    if pace_s is not None and duration_s > pace_s:
        yield (
            f"the pace of {format_quantity(pace_s, 's')} is not kept: a step takes "
            f"{format_quantity(duration_s, 's')} from its arrival to its end, so steps queue up"
        )


def _wait(
    benchmark: Benchmark, processes: Sequence[ProcessEstimate], conditions: Conditions
) -> dict[str, float | None]:
    """Return what is drawn while nothing arrives, as a part; none where steps follow each other at once."""
    if benchmark.pace_s is None:
        return {}
    cpu_s = typical([one.cpu_s for one in processes])
    return {
        "wait": wait_j(conditions.profile, pace_s=benchmark.pace_s, cpu_s=cpu_s, threads=benchmark.threads)
    }


def _notes(benchmark: Benchmark, taken: Sequence[Sampled]) -> tuple[str, ...]:
    notes = list(dict.fromkeys(note for each in taken for note in each.notes))
    if spread := feed_spread([feed_costs(each.samples) for each in taken if each.samples]):
        low, high = (format_quantity(each, "s") for each in (spread.low_s, spread.high_s))
        notes.append(f"cost differs between inputs: {low} to {high} of CPU time")
    if not all(each.finite for each in taken):
        notes.append(
            "outputs hold NaN or infinities for every feed that was tried: the cost may not be typical"
        )
    if benchmark.mode == "callable":
        notes.append("one process: measured in pytest's own process, so there is no interval")
    factors, placement = taken[0].factors, taken[0].placement
    if factors.software_device:
        notes.append(
            f"{benchmark.provider} ran on {factors.device}, a program on the processor: no GPU took part, "
            "and the figures say nothing of one"
        )
    if placement and placement.disputed:
        notes.append(f"{benchmark.provider}: {placement.disputed}; the profile is believed")
    return tuple(notes)


def _power_note(pins: Pins, *, counted: bool) -> str:
    if counted:
        return f"the accelerator drew {pins.device_power_w:.3g} W by its counter while it was waited for"
    if pins.device_power_w is None:
        return "what the accelerator draws is not known: energy is that of the processor alone"
    return (
        f"the accelerator is taken to draw {pins.device_power_w:.3g} W while it is waited for, as in "
        "published workloads: its utilisation is not known"
    )


def _job(entries: Sequence[SuiteEntry], process: int, plan: Plan | None) -> Job:
    return Job(
        subjects=tuple(subject_of(entry) for entry in entries),
        process=process,
        plan=plan,
        outputs=process == 0,
    )


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


def _run_in(worker: WorkerProcess, job: Job) -> tuple[Sampled, ...]:
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
