"""The cycle: the feeds that the rounds of a model take in turns, each bound once."""

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from pytest_energy.errors import InputsError
from pytest_energy.measurement.clock import Clock, Reading, since
from pytest_energy.quantities import format_memory
from pytest_energy.results.input_plan import InputPlan, StatePair
from pytest_energy.runtime.binding import Bound, all_finite
from pytest_energy.runtime.device_memory import DeviceMemory
from pytest_energy.runtime.given_data import given_data, source_hash
from pytest_energy.runtime.input_pipeline import InputPipeline
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.runtime_errors import first_words, runtime_errors
from pytest_energy.runtime.training_binding import TrainingBound, TrainingState
from pytest_energy.runtime.training_run import TrainingRun, Watch
from pytest_energy.workloads.batch_source import BatchSource
from pytest_energy.workloads.inputs import FoundFeeds, find_feeds
from pytest_energy.workloads.synthesis import Array, Feed, Feeds, feeds_hash, feeds_size, synthesize

_ON_HOST = DeviceMemory()

MOST_BYTES = 1 << 30
"""The most that all feeds of a cycle together may have: the same on every machine, as the feeds must be."""

_ON_HOST = DeviceMemory()
_COPIED = "inputs are copied at every step: strings, sequences and optional inputs cannot be bound"
_TRIES = 3  # as many numbers are tried per feed: one that the model refuses, or makes NaN of, is passed over


Bind = Callable[[Feeds], Bound | TrainingBound]
"""Binds feeds to a session, in the memory that its provider computes in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What one model is fed, ready to run.

    Attributes:
        bounds: The session with each feed.
        inputs: SHA-256 of all feeds.
        finite: Whether every output was finite.
        first_run: Time of the first step with feeds of these shapes; None where no search has run one.
        as_planned: Whether every size is the one that the plan from the graph puts first.
        notes: Sentences that a reader must know.
    """

    bounds: Sequence[Bound | TrainingBound | TrainingRun]
    inputs: str
    finite: bool
    first_run: Reading | None
    as_planned: bool = False
    notes: tuple[str, ...] = ()

    def steps(self) -> list[Callable[[], object]]:
        """Return one step per feed."""
        return [bound.step() for bound in self.bounds]


def find_cycle(  # noqa: PLR0913 - effects come in as arguments
    session: Any,
    subject: Subject,
    seed: int,
    clock: Clock,
    *,
    memory: DeviceMemory = _ON_HOST,
    on_try: Callable[[int], object] = lambda _: None,
    watch: Watch = lambda _: None,
) -> Cycle:
    """Find feeds that the model accepts: the same values for the same model and seed, on every machine.

    Args:
        session: The session.
        subject: The model, with the plan of its inputs where there is one, and what the user says of them.
        seed: Seed of the values.
        clock: Reads the time of the first step.
        memory: Where inputs and outputs lie.
        on_try: Called with the number of each feed that is tried, from 1: a sign of life of a slow model.
        watch: Told after each batch of a whole run of training how far it has come.

    Raises:
        InputsError: The model accepts none, or what is given does not fit it.
    """
    data = given_data(session, subject, seed, on_try)
    given, source = data.feeds, data.source
    bind = _binder(session, subject, memory)
    tries = itertools.count(1)

    def bind_and_tell(feeds: Feeds) -> Bound | TrainingBound:
        on_try(next(tries))
        return bind(feeds)

    found, first_run = _found(bind_and_tell, data.plans, given[0], seed, clock)
    notes: list[str] = []
    if source is not None:
        feeds = [found.feeds]
    elif len(given) > 1:
        feeds = _all_given(bind_and_tell, found, given, seed)
    else:
        feeds, notes = _drawn(bind_and_tell, found, given[0], seed, subject.given.feeds)
    said = {each.name for each in subject.given.inputs} | given[0].keys()
    states = [pair for pair in found.plan.states if pair.input not in said]
    bind = partial(bind, transfer=subject.transfer)
    bounds = [_fed_back(bind, each, states) for each in (feeds if source is None else [_own(feeds[0])])]
    if bounds[0].copies:
        notes.append(_COPIED)
    return Cycle(
        bounds=_as_run(bounds, subject, watch, source, clock),
        inputs=cycle_hash(feeds) if source is None else source_hash(source, feeds[0]),
        finite=found.finite,
        first_run=first_run,
        as_planned=subject.step is None
        and subject.inputs is not None
        and not given[0]
        and _has_first_sizes(subject.inputs, found),
        notes=tuple(notes),
    )


def _binder(session: Any, subject: Subject, memory: DeviceMemory) -> Callable[..., Bound | TrainingBound]:
    """Return what binds feeds; all batches of a training step share parameters and optimizer state."""
    if subject.step is None:
        return partial(Bound, session, memory=memory)
    return partial(TrainingBound, session, state=TrainingState(session, subject.step, memory))


def _as_run(
    bounds: Sequence[Bound | TrainingBound],
    subject: Subject,
    watch: Watch,
    source: BatchSource | None,
    clock: Clock,
) -> Sequence[Bound | TrainingBound | TrainingRun]:
    """Make one step of all batches where a whole run of training is what is measured."""
    if subject.step is None or not subject.step.training.is_run:
        return bounds
    batches = [each for each in bounds if isinstance(each, TrainingBound)]
    pipeline = None if source is None else InputPipeline(source, batches[0], clock)
    return [TrainingRun(batches, subject.step.training, watch, pipeline)]


def _own(feeds: Feeds) -> Feeds:
    """Copy arrays, so that they may be written over."""
    return {name: each.copy() if isinstance(each, np.ndarray) else each for name, each in feeds.items()}


def _has_first_sizes(planned: InputPlan, found: FoundFeeds) -> bool:
    """Whether a search, or the user, has changed no shape of a plan."""
    same = [each.shape for each in found.plan.inputs] == [each.shape for each in planned.inputs]
    chosen = found.choice
    return same and found.plan.source == "graph" and not (chosen.rank or chosen.sizes or chosen.shapes)


def _fed_back(bind: Bind, feeds: Feeds, states: Sequence[StatePair]) -> Bound | TrainingBound:
    """Bind a feed; a state in it is what the model gave for it after one step, where that fits.

    The hash of the inputs is that of what was drawn: what the model gives depends on the runtime as well.
    """
    bound = bind(feeds)
    if not states:
        return bound
    bound.step()()
    outputs = bound.outputs()
    fed_back: Feeds = {
        pair.input: outputs[pair.output]
        for pair in states
        if pair.output in outputs and _can_replace(feeds[pair.input], outputs[pair.output])
    }
    return bind(feeds | fed_back) if fed_back else bound


def _can_replace(drawn: Feed, given: Array) -> bool:
    return (
        isinstance(drawn, np.ndarray)
        and (drawn.shape, drawn.dtype) == (given.shape, given.dtype)
        and all_finite({"state": given})
    )


def cycle_hash(feeds: Sequence[Feeds]) -> str:
    """Return the hash of one feed, or the SHA-256 of the hashes of several."""
    hashes = [feeds_hash(each) for each in feeds]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def _found(
    bind: Bind, plans: Sequence[InputPlan], given: Feeds, seed: int, clock: Clock
) -> tuple[FoundFeeds, Reading | None]:
    """Search for feeds; return with them the time of the first step of their shapes, if there was one."""
    first_runs: dict[str, Reading] = {}

    def try_feed(feeds: Feeds) -> bool | str:
        before = clock.read()
        return _runs(
            bind, feeds | given, lambda: first_runs.setdefault(shapes_of(feeds), since(before, clock))
        )

    found = find_feeds(plans[0], seed, try_feed, *plans[1:])
    return replace(found, feeds=found.feeds | given), first_runs.get(shapes_of(found.feeds))


def _drawn(
    bind: Bind, found: FoundFeeds, given: Feeds, seed: int, asked: int
) -> tuple[list[Feeds], list[str]]:
    """Add feeds that differ in what is drawn, as many as are asked for and memory allows."""
    feeds = [found.feeds]
    wanted, notes = _affordable(found.feeds, asked)
    for other in _others(found, given, seed, wanted):
        if len(feeds) == wanted:
            break
        if _runs(bind, other) in ({True} if found.finite else {True, False}):
            feeds.append(other)
    return feeds, notes


def _all_given(bind: Bind, found: FoundFeeds, given: Sequence[Feeds], seed: int) -> list[Feeds]:
    """Take the feeds that are given, every one of which must run."""
    feeds = [found.feeds]
    for number, own in enumerate(given[1:], start=2):
        feed = synthesize(found.plan, found.choice, seed=seed, feed=number - 1) | own
        refusal = _runs(bind, feed)
        if isinstance(refusal, str):
            raise InputsError(
                f"The model does not take feed {number} of {len(given)} that are given. ONNX Runtime said: "
                f"{refusal}"
            )
        feeds.append(feed)
    return feeds


def shapes_of(feeds: Feeds) -> str:
    """Return the shapes of feeds as text; what is no array has the shape of its kind."""
    return " ".join(f"{name}:{getattr(value, 'shape', type(value))}" for name, value in feeds.items())


def _runs(bind: Bind, feeds: Feeds, ran: Callable[[], object] = lambda: None) -> bool | str:
    """Run the model once: whether the outputs are finite, or what ONNX Runtime said when it refused.

    Args:
        bind: Binds feeds to the session.
        feeds: One value per input.
        ran: Called when the step is done, before its outputs are looked at.
    """
    try:
        bound = bind(feeds)
        bound.step()()
        bound.synchronize()
    except runtime_errors() as error:
        return first_words(str(error))
    ran()
    return all_finite(bound.outputs())


def _affordable(feeds: Feeds, asked: int) -> tuple[int, list[str]]:
    """Return how many feeds of this size are cycled, and what is to be said where they are fewer."""
    size = feeds_size(feeds)
    count = max(1, min(asked, MOST_BYTES // max(size, 1)))
    if count == asked:
        return count, []
    return count, [f"{count} instead of {asked} feeds are cycled: one has {format_memory(size)}"]


def _others(found: FoundFeeds, given: Feeds, seed: int, wanted: int) -> Iterator[Feeds]:
    """Yield feeds that differ from the first one in their values, and from each other."""
    known = {feeds_hash(found.feeds)}
    for number in range(1, _TRIES * wanted):
        feeds = synthesize(found.plan, found.choice, seed=seed, feed=number) | given
        known_before = len(known)
        known.add(feeds_hash(feeds))
        if len(known) == known_before:
            return  # nothing is drawn by chance
        yield feeds
