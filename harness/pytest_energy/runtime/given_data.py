"""Given data: what the user gives of a model's inputs, checked, and how the rest is planned."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_energy.errors import InputsError
from pytest_energy.results.input_plan import InputPlan
from pytest_energy.runtime.built_step import batches_of, fed, plan_with_labels
from pytest_energy.runtime.job import Subject
from pytest_energy.workloads.batch_source import BatchSource, batch_source
from pytest_energy.workloads.described_plan import InputSpec, plan_from_specs
from pytest_energy.workloads.given_feeds import first_feeds, opened_inputs
from pytest_energy.workloads.given_plan import as_fed, plan_with_arrays, plan_with_said
from pytest_energy.workloads.loader import Given, Loader
from pytest_energy.workloads.synthesis import Feeds, feeds_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenData:
    """What is given beside what is drawn.

    Attributes:
        plans: Plans of the inputs to search by, best first.
        feeds: What is given of each feed; one at least, which may be empty.
        source: What makes the batches of a whole run of training while it runs; None where feeds are all.
    """

    plans: Sequence[InputPlan]
    feeds: Sequence[dict[str, Any]]
    source: BatchSource | None


def given_data(
    session: Any, subject: Subject, seed: int, on_batch: Callable[[int], object] = lambda _: None
) -> GivenData:
    """Find out what is given, and check it against what the session takes.

    Args:
        session: The session.
        subject: The model, with the plan of its inputs where there is one, and what the user says of them.
        seed: Seed of the order of shuffled rows.
        on_batch: Called with the number of each batch of a loader that is looked at: a sign of life.

    Raises:
        InputsError: What is given does not fit the model, or each other.
    """
    specs = _specs(session, subject)
    described = plan_from_specs(specs, subject.batch)
    planned = subject.inputs
    if subject.step is not None and planned is not None:
        planned = plan_with_labels(planned, subject.step, specs)
    opened = opened_inputs(subject.given)
    source = _source(opened, subject, seed, on_batch)
    arrays = [source.first] if source else _held(opened, subject)
    if subject.all_given:
        _require_all(specs, arrays)
    said = [
        plan_with_said(plan, subject.given.inputs)
        for plan in ([described] if planned is None else [planned, described])
    ]
    for each in arrays[1:]:
        plan_with_arrays(said[-1], each)  # refuses what does not fit
    return GivenData(
        plans=[plan_with_arrays(plan, arrays[0]) for plan in said],
        feeds=[as_fed(described, each) for each in arrays],
        source=source,
    )


def _held(opened: list[Given] | Loader, subject: Subject) -> list[Given]:
    """Return feeds that are held in memory, at least one; rows of training are split into batches."""
    feeds = first_feeds(opened, subject.given.feeds) or [{}]
    if subject.step is None:
        return feeds
    return [each for one in feeds for each in batches_of(one, subject.batch)]


def _source(
    given: list[Given] | Loader, subject: Subject, seed: int, on_batch: Callable[[int], object]
) -> BatchSource | None:
    """Return what makes the batches of a run while it trains; None where they are bound before."""
    if subject.step is None:
        return None
    training, labels = subject.step.training, subject.step.description.labels
    source = batch_source(given, training, batch=subject.batch, seed=seed, on_batch=on_batch)
    if source is not None and labels not in source.first:
        raise InputsError(
            f"The data has no {labels!r}, and those that were drawn would stay while rows change. Give "
            f"them beside {', '.join(map(repr, source.first))}."
        )
    return source


def source_hash(source: BatchSource, feeds: Feeds) -> str:
    """Return the hash of all that a source gives, and of what is fed beside it."""
    beside = {name: each for name, each in feeds.items() if name not in source.first}
    return hashlib.sha256(f"{source.identity()} {feeds_hash(beside)}".encode()).hexdigest()


def _require_all(specs: Sequence[InputSpec], given: Sequence[Mapping[str, Any]]) -> None:
    """Refuse to draw what should have been given.

    Raises:
        InputsError: An input, or the labels, are missing.
    """
    missing = [each.name for each in specs if any(each.name not in one for one in given)]
    if missing:
        raise InputsError(
            f"The data lacks {', '.join(map(repr, missing))}: training needs rows of "
            f"{', '.join(repr(each.name) for each in specs)}, and it has {', '.join(map(repr, given[0]))}. "
            "Name the arrays so."
        )


def _specs(session: Any, subject: Subject) -> list[InputSpec]:
    """Return what is to be fed, as ONNX Runtime describes it."""
    if subject.step is not None:
        return fed(session, subject.step)
    return [
        InputSpec(name=each.name, type=each.type, shape=tuple(each.shape)) for each in session.get_inputs()
    ]
