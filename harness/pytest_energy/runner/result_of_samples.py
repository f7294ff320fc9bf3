"""What processes read becomes a Result: joules and grams per step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from pytest_energy.footprint.energy import estimate_energy
from pytest_energy.footprint.input_pipeline import input_pipeline_cost
from pytest_energy.footprint.measured import measured_energy
from pytest_energy.footprint.sci import sci_score
from pytest_energy.footprint.start import start_phases
from pytest_energy.footprint.wait import wait_j
from pytest_energy.power.profile import AcceleratorProfile
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import EnergyEstimate, MeasuredEnergy, Pins
from pytest_energy.results.inspection import Work
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples, Signal
from pytest_energy.results.training import TrainingRecord
from pytest_energy.runner.conditions import Conditions
from pytest_energy.runner.result_notes import notes, pace_notes, power_note
from pytest_energy.runner.sampled import Sampled
from pytest_energy.statistics.process_estimate import estimate_process
from pytest_energy.statistics.trimmed import spread, typical


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
    read = _Read.of(benchmark, taken, conditions, confidence)
    energy = _energy(benchmark, read, conditions, confidence)
    pins, run = read.pins, _run(taken, read)
    score = sci_score(
        energy.energy_j, pins.intensity, pins.pue, conditions.reserved_by(benchmark.threads), read.duration_s
    )
    per_step = _samples_per_step(benchmark, run)
    return Result(
        benchmark=benchmark,
        environment=conditions.machine.environment,
        factors=replace(taken[0].factors, model=model_hash),
        samples=read.samples,
        processes=read.processes,
        energy=energy,
        score=score,
        pins=pins,
        placement=taken[0].placement,
        agreement=taken[0].agreement,
        start=start_phases(read.samples, pins),
        work=work if all(each.as_planned for each in taken) else None,
        step_build_s=taken[0].step_build_s,
        training=run,
        energy_per_sample_j=per_step and energy.energy_j / per_step,
        carbon_per_sample_g=per_step and score.operational_g / per_step,
        notes=(
            *notes(benchmark, taken),
            *([power_note(pins, counted=read.counted)] if read.signal == "device" else []),
            *pace_notes(benchmark, read.duration_s),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What processes read, and what it is turned into joules with.

    Attributes:
        samples: Of the processes that were sampled.
        processes: One estimate for each of these.
        signal: What the cost is read from.
        measured: What energy counters showed.
        accelerator: What is waited for; None where nothing is, or its profile is unknown.
        counted: Whether the power of what is waited for comes from its own counter.
        pins: Powers, intensity and PUE.
    """

    samples: tuple[ProcessSamples, ...]
    processes: tuple[ProcessEstimate, ...]
    signal: Signal
    measured: tuple[MeasuredEnergy, ...]
    accelerator: AcceleratorProfile | None
    counted: bool
    pins: Pins

    @classmethod
    def of(
        cls, benchmark: Benchmark, taken: Sequence[Sampled], conditions: Conditions, confidence: float
    ) -> Self:
        """Gather it of at least one process with samples."""
        samples = tuple(each.samples for each in taken if each.samples is not None)
        signal = taken[0].factors.signal
        on_device = signal == "device"
        accelerator = conditions.accelerator_of(benchmark.provider) if on_device else None
        measured = measured_energy(samples, confidence)
        counted_w = _counted_w(measured) if on_device else None
        pins = conditions.pins(benchmark.threads, accelerator)
        return cls(
            samples=samples,
            processes=tuple(estimate_process(each, signal) for each in samples),
            signal=signal,
            measured=measured,
            accelerator=accelerator,
            counted=counted_w is not None,
            pins=pins if counted_w is None else replace(pins, device_power_w=counted_w),
        )

    @property
    def cpu_s(self) -> float:
        """CPU time per step in s."""
        return typical([one.cpu_s for one in self.processes])

    @property
    def duration_s(self) -> float:
        """Wall time per step in s."""
        return typical([one.duration_s for one in self.processes])


def _energy(benchmark: Benchmark, read: _Read, conditions: Conditions, confidence: float) -> EnergyEstimate:
    energy = estimate_energy(
        cpu_s=read.cpu_s,
        duration_s=read.duration_s,
        random_fraction=spread([one.seconds(read.signal) for one in read.processes], confidence),
        profile=conditions.profile,
        pins=read.pins,
        memory_gib=conditions.machine.memory_gib,
        threads=benchmark.threads,
        accelerator=read.accelerator,
        counted=read.counted,
    )
    parts_j = dict(energy.parts_j) | _wait(benchmark, read, conditions)
    return replace(energy, measured=read.measured, parts_j=parts_j)


def _counted_w(measured: Sequence[MeasuredEnergy]) -> float | None:
    """Return what the GPU drew by its counter; None where there is none."""
    return next((one.power_w for one in measured if one.component == "gpu"), None)


def _wait(benchmark: Benchmark, read: _Read, conditions: Conditions) -> dict[str, float | None]:
    """Return what is drawn while nothing arrives, as a part; none where steps follow each other at once."""
    if benchmark.pace_s is None:
        return {}
    waited_j = wait_j(
        conditions.profile, pace_s=benchmark.pace_s, cpu_s=read.cpu_s, threads=benchmark.threads
    )
    return {"wait": waited_j}


def _run(taken: Sequence[Sampled], read: _Read) -> TrainingRecord | None:
    """Return how a whole run of training went, with what making its batches took."""
    run = taken[0].training
    if run is None:
        return None
    return replace(run, pipeline=input_pipeline_cost(read.samples, read.processes, read.pins))


def _samples_per_step(benchmark: Benchmark, run: TrainingRecord | None) -> int | None:
    """Return how many training samples a step takes; None for what does not train."""
    if benchmark.mode != "training":
        return None
    return benchmark.batch * (run.batches if run else 1)
