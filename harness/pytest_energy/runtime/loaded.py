"""A loaded model: its session, feeds that it accepts, and the factors that could change its figure."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pytest_energy.measurement.clock import Clock, Reading, since
from pytest_energy.measurement.reference import one_blas_thread, reference_identity
from pytest_energy.measurement.step import Step
from pytest_energy.providers import provider_named
from pytest_energy.results.factors import Factors
from pytest_energy.results.placement import Placement
from pytest_energy.results.samples import Signal
from pytest_energy.results.training import TrainingRecord
from pytest_energy.runtime.built_step import settings_of
from pytest_energy.runtime.cycle import Cycle, find_cycle
from pytest_energy.runtime.device_behind import Device, device_behind
from pytest_energy.runtime.device_memory import DeviceMemory, device_memory, signal_of
from pytest_energy.runtime.huge_pages import huge_page_mode
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.log_line import LogLine
from pytest_energy.runtime.placement import assigned_placement
from pytest_energy.runtime.provider_library import FoundProvider, find_provider
from pytest_energy.runtime.runtime_errors import explained
from pytest_energy.runtime.session import opened, provider_options, thread_variables
from pytest_energy.runtime.training_run import TrainingRun, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One subject, ready to run.

    Attributes:
        subject: What was asked for.
        found: The provider that runs it.
        device: What that computes on.
        memory: Where inputs and outputs lie.
        session: The inference session.
        cycle: The feeds that it takes in turns.
        created: Time that creating the session took.
        first_run: Time of the first step.
        log: What was logged meanwhile; all of it where a profile is written, else faults only.
    """

    subject: Subject
    found: FoundProvider
    device: Device
    memory: DeviceMemory
    session: Any
    cycle: Cycle
    created: Reading
    first_run: Reading
    log: tuple[LogLine, ...] = ()

    @property
    def step(self) -> Step:
        """One inference or training step, with every feed."""
        first, *others = self.cycle.steps()
        bound = self.cycle.bounds[0]
        return Step(
            run=first,
            others=tuple(others),
            # Where everything lies on the host, a step that has returned is done.
            synchronize=bound.synchronize if self.signal == "device" else lambda: None,
            signal=self.signal,
            pace_s=self.subject.pace_s,
            fetched=bound.fetched if isinstance(bound, TrainingRun) else None,
        )

    @property
    def training(self) -> TrainingRecord | None:
        """How the whole run of training went; None where a step is one inference or one batch."""
        bound = self.cycle.bounds[0]
        return bound.record if isinstance(bound, TrainingRun) else None

    @property
    def signal(self) -> Signal:
        """What the cost of a step is read from."""
        return signal_of(self.found.provider, self.device)

    @property
    def assigned(self) -> Placement:
        """Where ONNX Runtime says that it put the nodes."""
        return assigned_placement(self.session, self.found.provider.name)


def load(  # noqa: PLR0913 - effects come in as arguments
    subject: Subject,
    seed: int,
    clock: Clock,
    profile: str | None = None,
    on_try: Callable[[int], object] = lambda _: None,
    *,
    watch: Watch = lambda _: None,
) -> Loaded:
    """Open a session, find feeds for it, and run one step.

    Args:
        subject: What to load.
        seed: Seed of the feeds.
        clock: Tells how long it takes.
        profile: First part of the path of a profile to write; None for none.
        on_try: Called with the number of each feed that is tried.
        watch: Told after each batch of a whole run of training how far it has come.

    Raises:
        ModelError, InputsError, ProviderUnavailable, ProviderOptionError, PlacementError: As their names say.
    """
    found = found_provider(subject)
    before = clock.read()
    session, log = opened(subject, found, profile)
    created = since(before, clock)
    memory = device_memory(found.provider, provider_options(subject, found), transfer=subject.transfer)
    with explained(f"No feed can be made for the model {subject.model}"):
        cycle = find_cycle(session, subject, seed, clock, memory=memory, on_try=on_try, watch=watch)
    before = clock.read()
    with explained(f"The model {subject.model} loads but does not run"):
        cycle.steps()[0]()
        cycle.bounds[0].synchronize()
    return Loaded(
        subject=subject,
        found=found,
        device=device_behind(found, subject.session),
        memory=memory,
        session=session,
        cycle=cycle,
        created=created,
        first_run=cycle.first_run or since(before, clock),
        log=tuple(log),
    )


def with_one_feed(subject: Subject) -> Subject:
    """Return a subject that takes its first feed only: who asks where time goes needs no more."""
    step = subject.step
    if step is not None:
        step = replace(step, training=step.training.of_one_batch)
    return replace(subject, given=replace(subject.given, feeds=1), step=step)


def found_provider(subject: Subject) -> FoundProvider:
    """Find the provider that a subject asks for.

    Raises:
        ProviderUnavailable: It cannot be used here.
    """
    named = [subject.provider] if subject.library else []
    return find_provider(provider_named(subject.provider, named), subject.library, subject.session.device)


def _of_run(run: object) -> dict[str, str]:
    """Return how a whole run of training went, and where its batches come from if they are made meanwhile."""
    if not isinstance(run, TrainingRun) or run.record is None:
        return {}
    source = {} if run.pipeline is None else {"pipeline": run.pipeline.kind}
    return {"batches": str(run.record.batches), "ending": run.record.ending} | source


def factors_of(loaded: Loaded, placement: Placement, elsewhere: tuple[str, ...]) -> Factors:
    """Gather all that could change the figure, save for the model's hash.

    Args:
        loaded: The subject.
        placement: Where its nodes run.
        elsewhere: Nodes that other providers took, as factors hold them.
    """
    import onnxruntime

    pinned = one_blas_thread()
    subject, requested = loaded.subject, loaded.found.provider.name
    device = loaded.device
    return Factors(
        inputs=loaded.cycle.inputs,
        python=platform.python_version(),
        numpy=np.__version__,
        onnxruntime=onnxruntime.__version__,
        onnxruntime_build=onnxruntime.get_build_info(),
        reference=reference_identity(),
        provider=requested,
        provider_version=loaded.found.version,
        provider_options=provider_options(subject, loaded.found),
        device=device.name,
        software_device=device.software,
        placement=" ".join(f"{name}:{count}" for name, count in placement.nodes.items()),
        elsewhere=elsewhere,
        signal=loaded.signal,
        memory=None if loaded.memory.on_host else loaded.memory.name,
        threads=subject.threads,
        spinning=subject.spinning,
        graph_optimization=subject.session.optimization,
        huge_pages=huge_page_mode(),
        memory_pattern=subject.session.memory_pattern,
        session=dict(subject.session.entries),
        training=(settings_of(subject.step) | _of_run(loaded.cycle.bounds[0])) if subject.step else {},
        variables={name: value for name, value in thread_variables().items() if name not in pinned},
    )
