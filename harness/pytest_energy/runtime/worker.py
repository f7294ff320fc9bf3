"""The worker: a fresh process that runs one model, and talks JSON lines and npy over pipes.

Started as ``python -P -m pytest_energy.runtime.worker FD PARENT``, with the file descriptor to answer on and
the process id of the parent. It needs the standard library, numpy and onnxruntime only. Every event is one
line of JSON with the key ``event``: ``ready``, ``loaded``, ``output`` (followed by as many bytes of npy as it
says), ``round``, ``epoch``, ``turn`` (after which it waits on stdin for a line ``go`` or ``stop``),
``profiled``, ``metering`` (after which it waits for ``meter SECONDS`` or ``stop``), ``metered``,
``trained``, ``sampled`` or ``done``, ``failed``.
"""

import ctypes
import io
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from pytest_energy import errors
from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.quality import DisturbanceReader
from pytest_energy.measurement.reference import reference_step
from pytest_energy.measurement.sampler import sample
from pytest_energy.measurement.step import Step
from pytest_energy.measurement.window import run_window
from pytest_energy.results.operators import OperatorProfile
from pytest_energy.results.samples import ProcessSamples
from pytest_energy.results.training import TrainingProgress
from pytest_energy.runtime.job import GO, Job, Subject, job_from_line, metered_s
from pytest_energy.runtime.loaded import Loaded, load, with_one_feed
from pytest_energy.runtime.operators import operator_profile, read_events, run_profiled_steps
from pytest_energy.runtime.placement import require_unchanged
from pytest_energy.runtime.runtime_errors import explained
from pytest_energy.runtime.session import runtime_fault
from pytest_energy.runtime.trainer import train
from pytest_energy.runtime.training_run import Watch
from pytest_energy.runtime.verification import Placed, announced, verify

_PR_SET_PDEATHSIG = 1
_SIGN_OF_LIFE_S = 0.25

MOST_OUTPUT_BYTES = 1 << 28
"""The most that all outputs together may have to be sent back: a model may not fill up pytest's memory."""


class Channel:
    """The way back to the parent; what libraries print to stdout cannot get into it.

    Args:
        descriptor: File descriptor of the pipe.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._pipe: BinaryIO = os.fdopen(descriptor, "wb")

    def send(self, event: str, **fields: Any) -> None:
        """Send one event."""
        self._pipe.write(json.dumps({"event": event, **fields}).encode() + b"\n")
        self._pipe.flush()

    def send_array(self, name: str, array: Any) -> None:
        """Send one array: an event that tells its size, then npy."""
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
        self.send("output", name=name, bytes=buffer.tell())
        self._pipe.write(buffer.getvalue())
        self._pipe.flush()


def main(descriptor: int, parent: int) -> int:
    """Announce readiness, take one job from stdin, and run it."""
    _die_with(parent)
    _die_first()
    channel = Channel(descriptor)
    fault = runtime_fault()  # imports onnxruntime: what is slow is done before the job comes
    if fault:
        channel.send("failed", kind="ProviderUnavailable", message=fault)
        return 0
    channel.send("ready")
    line = sys.stdin.readline()
    if line:
        _run(job_from_line(line), channel)
    return 0


def _run(job: Job, channel: Channel) -> None:
    try:
        run_job(job, channel, SystemClock())
    except errors.HarnessError as error:
        channel.send("failed", kind=type(error).__name__, message=str(error))


def run_job(job: Job, channel: Channel, clock: Clock) -> None:
    """Load every subject, find feeds, check the placement, and sample; or verify, profile or train.

    Raises:
        ModelError, InputsError, ProviderError: The message says what is wrong.
    """
    if job.train is not None:
        on_try, watch = _sign_of_life(channel, clock), _watching(channel, clock)
        done = train(job.subjects[0], job.seed, clock, Path(job.train), on_try=on_try, watch=watch)
        channel.send("trained", **asdict(done))
        channel.send("done")
        return
    if job.profile:
        for number, subject in enumerate(job.subjects):
            profile = _profiled(subject, job.seed, channel, clock)
            channel.send("profiled", subject=number, profile=asdict(profile))
        channel.send("done")
        return
    if job.verify:
        for number, subject in enumerate(job.subjects):
            _tell(job, number, verify(subject, job.seed, clock, _sign_of_life(channel, clock)), channel)
        channel.send("done")
        return
    loaded: dict[int, Loaded] = {}
    # Where a session's weights come to lie depends on what was allocated before it: processes alternate in
    # which subject they load first, so that neither is favoured in any even number of them.
    for number in sorted(range(len(job.subjects)), reverse=job.process % 2 == 1):
        loaded[number] = _loaded(job, number, channel, clock)
    if job.plan is None:
        channel.send("done")
        return
    ordered = [loaded[number] for number in sorted(loaded)]
    placements = [each.assigned for each in ordered]
    samples = _sample(job, job.plan, [each.step for each in ordered], channel, clock)
    for placement, each in zip(placements, ordered, strict=True):
        require_unchanged(placement, each.session)
    channel.send("sampled", samples=[asdict(each) for each in samples])


def _loaded(job: Job, number: int, channel: Channel, clock: Clock) -> Loaded:
    """Load one subject, and tell about it."""
    on_try, watch = _sign_of_life(channel, clock), _watching(channel, clock)
    loaded = load(job.subjects[number], job.seed, clock, on_try=on_try, watch=watch)
    _tell(job, number, announced(loaded), channel)
    return loaded


def _tell(job: Job, number: int, told: Placed, channel: Channel) -> None:
    loaded = told.loaded
    channel.send(
        "loaded",
        subject=number,
        factors=asdict(told.factors),
        placement=asdict(told.placement),
        load_s=loaded.created.wall_s,
        load_cpu_s=loaded.created.cpu_s,
        first_run_s=loaded.first_run.wall_s,
        first_run_cpu_s=loaded.first_run.cpu_s,
        finite=loaded.cycle.finite,
        as_planned=loaded.cycle.as_planned,
        step_build_s=None if loaded.subject.step is None else loaded.subject.step.build_s,
        training=None if loaded.training is None else asdict(loaded.training),
        notes=loaded.cycle.notes,
        agreement=None if told.agreement is None else asdict(told.agreement),
    )
    if job.outputs and number == 0:
        for name, array in sendable(loaded.cycle.bounds[0].outputs()).items():
            channel.send_array(name, array)


def sendable(outputs: Mapping[str, Any], most_bytes: int = MOST_OUTPUT_BYTES) -> dict[str, Any]:
    """Leave out the outputs with which all together would be too large for the parent's memory."""
    sent: dict[str, Any] = {}
    for name, array in outputs.items():
        if array.nbytes <= most_bytes:
            most_bytes -= array.nbytes
            sent[name] = array
    return sent


def _sample(
    job: Job, plan: Plan, steps: Sequence[Step], channel: Channel, clock: Clock
) -> Sequence[ProcessSamples]:
    models = " and ".join(dict.fromkeys(subject.model for subject in job.subjects))
    with explained(f"The model {models} failed while it was measured, after it had run"):
        samples = sample(
            steps,
            reference_step(),
            clock=clock,
            plan=plan,
            process=job.process,
            seed=job.process,
            on_round=_sign_of_life(channel, clock),
            watch=DisturbanceReader().read,
            permit=_asking(channel) if job.stepwise else None,
        )
        if job.metered:
            _meter(steps, channel, clock)
    return samples


def _meter(steps: Sequence[Step], channel: Channel, clock: Clock) -> None:
    """Offer a window per subject, in which the parent watches its energy counters."""
    for number, step in enumerate(steps):
        channel.send("metering", subject=number)
        least_s = metered_s(sys.stdin.readline())
        if least_s is not None:
            channel.send("metered", subject=number, **asdict(run_window(step, least_s, clock)))


def _profiled(subject: Subject, seed: int, channel: Channel, clock: Clock) -> OperatorProfile:
    """Run one subject in a session that writes a profile, and return what the profile says."""
    with tempfile.TemporaryDirectory(prefix="pytest-energy-") as folder:
        prefix = os.path.join(folder, "profile")  # noqa: PTH118 - ONNX Runtime takes text
        loaded = load(with_one_feed(subject), seed, clock, prefix)
        with explained(f"The model {subject.model} loads but cannot be profiled"):
            nodes = loaded.assigned.total
            steps = run_profiled_steps(loaded.step.run, nodes, clock, _sign_of_life(channel, clock))
            return operator_profile(read_events(loaded.session.end_profiling()), steps)


def _asking(channel: Channel) -> Callable[[], bool]:
    """Announce each round and wait until the parent permits it; a parent that is gone permits none."""

    def permit() -> bool:
        channel.send("turn")
        return sys.stdin.readline() == GO

    return permit


def _sign_of_life(channel: Channel, clock: Clock) -> Callable[[int], None]:
    """Tell the parent about rounds, but so seldom that waking it up disturbs nothing."""
    is_due = _seldom(clock)

    def on_round(number: int) -> None:
        if is_due():
            channel.send("round", number=number)

    return on_round


def _watching(channel: Channel, clock: Clock) -> Watch:
    """Tell the parent how far a run of training has come, as seldom."""
    is_due = _seldom(clock)

    def watch(progress: TrainingProgress) -> None:
        if is_due():
            channel.send("epoch", **asdict(progress))

    return watch


def _seldom(clock: Clock) -> Callable[[], bool]:
    """Return what says whether so much time has passed that the parent may be woken up again."""
    told = clock.read().wall_s

    def is_due() -> bool:
        nonlocal told
        now = clock.read().wall_s
        if now - told < _SIGN_OF_LIFE_S:
            return False
        told = now
        return True

    return is_due


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies, also in the middle of native code."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be asked
        os._exit(1)


def _die_first() -> None:
    """Ask Linux to take this process, not pytest's, when memory runs out, and to write no core file of it."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main(descriptor=int(sys.argv[1]), parent=int(sys.argv[2])))
