"""Feeds that a model accepts: synthesized by its plan, and searched for where the plan was not enough.

The search is bounded. It learns from what ONNX Runtime says of a feed that it did not take, tries other
sizes and smaller whole numbers, and prefers a feed for which every output is finite.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_energy.errors import InputsError
from pytest_energy.results.input_plan import Fill, InputPlan, PlannedInput
from pytest_energy.workloads.described_plan import can_be_fed
from pytest_energy.workloads.refusals import learned
from pytest_energy.workloads.synthesis import (
    AS_PLANNED,
    Choice,
    Feeds,
    chosen_shape,
    chosen_sizes,
    most_elements,
    synthesize,
)

TryFeed = Callable[[Feeds], bool | str]
"""Runs the model once: True for finite outputs, False for NaN or infinities among them, and what ONNX Runtime
said, as text, when it refused."""

# Exclusive upper bounds for whole numbers: vocabularies are large, masks and token types are 0 or 1. At the
# wide end an id of a small vocabulary is out of range and the model says so; the search goes on to the next.
_BOUNDS = (None, 100, 10, 2, 1)
# What floats are drawn from when a standard normal gives NaN or infinities: logarithms and roots want
# positive numbers, products of many want small ones.
_FLOATS = (
    Fill(kind="uniform", low=0.0, high=1.0),
    Fill(kind="normal", high=0.05),
    Fill(kind="uniform", low=0.5, high=1.5),
    Fill(kind="uniform", low=0.0, high=0.001),
)
# A guess may not exhaust the memory: where three dimensions are free, 256 in each are too many.
_MOST_ELEMENTS = 1 << 26
_MOST_LESSONS = 8
_MOST_MIXTURES = 64
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeeds:
    """Feeds that the model accepts.

    Attributes:
        feeds: One value per input.
        finite: Whether all outputs were finite; where they were for no candidate, the first that ran is kept.
        plan: The plan that they were synthesized by.
        choice: What the search changed in it.
    """

    feeds: Feeds
    finite: bool
    plan: InputPlan
    choice: Choice


def find_feeds(plan: InputPlan, seed: int, try_feed: TryFeed, second: InputPlan | None = None) -> FoundFeeds:
    """Find feeds that the model accepts.

    Args:
        plan: What to feed.
        seed: Seed of the values.
        try_feed: Runs the model once.
        second: Another plan to fall back on when nothing comes of the first.

    Raises:
        InputsError: An input has a type of which no value can be made, no input can take the batch, or no
            feed was accepted.
    """
    _refuse_unknown_types(plan)
    _refuse_fixed_batch(plan)
    search = _Search(plan, seed, try_feed)
    found = search.found()
    if found and found.finite:
        return found
    other = _Search(second, seed, try_feed).found() if second else None
    if other and (other.finite or not found):
        return other
    if found is None:
        raise InputsError(_refused(plan, search))
    return found


class _Search:
    """One bounded search by one plan; remembers what was tried and what was said."""

    def __init__(self, plan: InputPlan, seed: int, try_feed: TryFeed) -> None:
        self.plan = plan
        self.refusals: list[str] = []
        self.last: Choice = AS_PLANNED
        self._seed = seed
        self._try_feed = try_feed
        self._ran: FoundFeeds | None = None
        self._tried: list[Choice] = []

    def found(self) -> FoundFeeds | None:
        """Return the first feed with finite outputs, else the first that ran, else None."""
        for choice in _choices(self.plan):
            found = self._tried_with_lessons(choice)
            if found and found.finite:
                return found
            if found:  # it runs: what is left to find are values that give finite outputs
                return self._finite(found) or self._ran
        return self._ran

    def _tried_with_lessons(self, choice: Choice) -> FoundFeeds | None:
        for _ in range(_MOST_LESSONS):
            found = self._try(choice)
            better = None if found else learned(self.plan, choice, self.refusals[-1])
            if found or better is None or better in self._tried:
                return found
            choice = better
        return None

    def _finite(self, found: FoundFeeds) -> FoundFeeds | None:
        for choice in _calmer(self.plan, found.choice):
            other = self._try(choice)
            if other and other.finite:
                return other
        return None

    def _try(self, choice: Choice) -> FoundFeeds | None:
        self._tried.append(choice)
        self.last = choice
        feeds = synthesize(self.plan, choice, seed=self._seed)
        answer = self._try_feed(feeds)
        if isinstance(answer, str):
            self.refusals.append(answer)
            return None
        found = FoundFeeds(feeds=feeds, finite=answer, plan=self.plan, choice=choice)
        self._ran = self._ran or found
        return found


def _choices(plan: InputPlan) -> Iterator[Choice]:
    """Yield only choices that differ in what is fed: tighter bounds last, and within them sizes."""
    bounds = _BOUNDS if any(map(_is_open, plan.inputs)) else _BOUNDS[:1]
    ranks = range(max((len(each.candidates) for each in plan.sizes), default=1))
    together = [Choice(rank=rank) for rank in ranks]
    sized = _fitting(plan, together) or together[-1:]
    apart = _fitting(plan, itertools.islice(_mixtures(plan), _MOST_MIXTURES))
    for bound in bounds:
        yield from (replace(choice, bound=bound) for choice in sized)
    yield from apart


def _mixtures(plan: InputPlan) -> Iterator[Choice]:
    """Yield sizes of different rank, for inputs whose axes have nothing to do with each other."""
    free = [each for each in plan.sizes if len(each.candidates) > 1]
    if len(free) > 1:
        for sizes in itertools.product(*(each.candidates for each in free)):
            if len({each.candidates.index(size) for each, size in zip(free, sizes, strict=True)}) > 1:
                yield Choice(sizes={each.key: size for each, size in zip(free, sizes, strict=True)})


def _fitting(plan: InputPlan, choices: Iterable[Choice]) -> list[Choice]:
    return [choice for choice in choices if most_elements(plan, choice) <= _MOST_ELEMENTS]


def _calmer(plan: InputPlan, choice: Choice) -> Iterator[Choice]:
    """Yield other values in the same shapes."""
    if any(each.fill.kind in {"normal", "uniform"} and not each.fill.sure for each in plan.inputs):
        yield from (replace(choice, floats=floats) for floats in _FLOATS)
    if any(map(_is_open, plan.inputs)):
        tighter = [bound for bound in _BOUNDS if bound and (not choice.bound or bound < choice.bound)]
        yield from (replace(choice, bound=bound) for bound in tighter)


def _is_open(planned: PlannedInput) -> bool:
    return planned.fill.kind == "integers" and not planned.fill.sure and planned.type != "tensor(bool)"


def _refuse_fixed_batch(plan: InputPlan) -> None:
    """Refuse a figure that would carry a batch that was never run; 1 is the default and asks for nothing."""
    if plan.batch == 1 or any(each.role == "batch" for each in plan.sizes):
        return
    if plan.batch not in [each.shape[0] for each in plan.inputs if each.shape]:
        raise InputsError(
            f"The model takes no batch of {plan.batch}, for no input has a free first dimension. Inputs: "
            f"{_listed(plan)}. Export it with a free one, or leave the batch out."
        )


def _refuse_unknown_types(plan: InputPlan) -> None:
    unknown = [each for each in plan.inputs if not can_be_fed(each)]
    if unknown:
        listed = ", ".join(f"{each.name!r} is {each.type}" for each in unknown)
        raise InputsError(
            f"No feed can be made for this model: {listed}. Feeds are made for tensors of numbers, booleans "
            "and strings, and sequences of them. Measure it in a test, with "
            "energy.measure(lambda: session.run(None, feeds))."
        )


def _refused(plan: InputPlan, search: _Search) -> str:
    """Name the inputs, what was tried and said, and the lines of a suite that would settle it."""
    return (
        f"No feed was found that the model accepts. Inputs: {_listed(plan)}. Tried {len(search.refusals)} "
        f"feeds with batch {plan.batch}, at first {_shapes(plan, AS_PLANNED)}, at last "
        f"{_shapes(plan, search.last)}. ONNX Runtime said of the first: {search.refusals[0]} And of the "
        f"last: {search.refusals[-1]} If you know what it takes, say so in a suite: "
        f"{' '.join(_suite_lines(plan, search.refusals))}"
    )


def _suite_lines(plan: InputPlan, refusals: Sequence[str]) -> list[str]:
    """Return what a user would write for the inputs that are in doubt."""
    named = [each for each in plan.inputs if any(each.name in said for said in refusals)]
    doubtful = named or [each for each in plan.inputs if _is_open(each) or _is_sized(each)] or plan.inputs
    sizes = chosen_sizes(plan, AS_PLANNED)
    lines = []
    for each in list(doubtful)[:3]:
        lines += [
            f"[benchmark.inputs.{toml_key(each.name)}]",
            f"shape = {list(chosen_shape(each, sizes, AS_PLANNED))}",
        ]
        if each.fill.kind in {"integers", "uniform", "normal"}:
            lines += [f"low = {each.fill.low or 0:g}", f"high = {each.fill.high or 1:g}"]
    return lines


def toml_key(name: str) -> str:
    """Write a name as a key of TOML, quoted where it must be."""
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name)


def _is_sized(planned: PlannedInput) -> bool:
    return any(isinstance(size, str) for size in planned.shape)


def _shapes(plan: InputPlan, choice: Choice) -> str:
    sizes = chosen_sizes(plan, choice)
    return (
        ", ".join(f"{each.name}{list(chosen_shape(each, sizes, choice))}" for each in plan.inputs) or "none"
    )


def _listed(plan: InputPlan) -> str:
    return ", ".join(f"{each.name!r} {each.type} {list(each.shape)}" for each in plan.inputs) or "none"
