"""Operators: what a profile of ONNX Runtime says about where the time of a step goes."""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_energy.measurement.clock import Clock
from pytest_energy.results.operators import OperatorProfile, OperatorShare

_KERNEL = "_kernel_time"
_RUN = "model_run"
_TIME_S = 0.5
_MOST_STEPS = 50
_MOST_EVENTS = 50_000  # each is a line of some 700 bytes
# What a provider fused is named for a hash of the model, or by a running number: another model, another name.
_NUMBER = re.compile(r"_\d+")

Event = dict[str, Any]

Node = tuple[str, str, str]
"""Name, operator and provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """One run of one node, in µs from the start of the session, on one thread."""

    node: Node
    thread: int
    start: int
    duration: int


def run_profiled_steps(
    step: Callable[[], object],
    nodes: int,
    clock: Clock,
    on_step: Callable[[int], object] = lambda _: None,
    time_s: float = _TIME_S,
) -> int:
    """Warm up, then run steps for about as long as is asked for, at most 50; return their number.

    Args:
        step: A step of a session that is profiled.
        nodes: Nodes of its model; the more there are, the fewer steps are written down.
        clock: Tells when the time is up.
        on_step: Called with the number of each step that was done.
        time_s: For how long, in s.
    """
    step()
    most = min(_MOST_STEPS, max(1, _MOST_EVENTS // max(nodes, 1)))
    end = clock.read().wall_s + time_s
    for done in range(1, most + 1):
        step()
        on_step(done)
        if clock.read().wall_s >= end:
            return done
    return most


def read_events(path: str) -> Iterator[Event]:
    """Yield the events of a profile, one a line; what was cut off or cannot be read is left out."""
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                event = json.loads(line.strip().rstrip(","), strict=False)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalStep:
    """What a profile says of a typical step.

    Attributes:
        nodes: Time in µs that each node took by itself, in the order in which they first ran.
        run_us: Time in µs of the whole step; 0 where no step was told.
    """

    nodes: Mapping[Node, float]
    run_us: float


def typical_step(events: Iterable[Event], steps: int) -> TypicalStep:
    """Reduce a profile to a typical step.

    Args:
        events: Events of a profile, in any order.
        steps: How many runs at the end count; those before are feeds that were tried, and warm-up.
    """
    timed = [event for event in events if _is_timed(event)]
    runs = sorted((each["ts"], each["ts"] + each["dur"]) for each in timed if each.get("name") == _RUN)
    spans = [_span(each) for each in timed if each.get("cat") == "Node" and each["name"].endswith(_KERNEL)]
    counted = runs[-steps:]
    return TypicalStep(
        nodes={node: _typical(each) for node, each in _times(spans, counted).items()},
        run_us=_typical([end - start for start, end in counted]) if counted else 0.0,
    )


def operator_profile(events: Iterable[Event], steps: int) -> OperatorProfile:
    """Reduce a profile to each node's share of a step; see ``typical_step``."""
    typical = typical_step(events, steps).nodes
    total = sum(typical.values())
    if not total:
        return OperatorProfile()
    return OperatorProfile(
        operators=tuple(
            OperatorShare(name=name, op_type=op_type, provider=provider, share=time / total)
            for (name, op_type, provider), time in typical.items()
        )
    )


def _is_timed(event: Event) -> bool:
    times = event.get("ts"), event.get("dur")
    return all(isinstance(each, int) for each in times) and isinstance(event.get("name"), str)


def _span(event: Event) -> _Span:
    args = event.get("args") or {}
    op_type = _NUMBER.sub("", str(args.get("op_name", ""))) or "unknown"
    name = event["name"].removesuffix(_KERNEL) or op_type
    return _Span(
        node=(name, op_type, str(args.get("provider", ""))),
        thread=event.get("tid", 0),
        start=event["ts"],
        duration=event["dur"],
    )


def _times(spans: Sequence[_Span], runs: Sequence[tuple[int, int]]) -> dict[Node, list[int]]:
    """Return the time in µs that each node took in each run by itself, in the order of their first start."""
    starts = [start for start, _ in runs]
    times: dict[Node, list[int]] = defaultdict(lambda: [0] * len(runs))
    for span, own in _own_times(spans):
        number = bisect_right(starts, span.start) - 1
        if number >= 0 and span.start <= runs[number][1]:
            times[span.node][number] += own
    return times


def _own_times(spans: Sequence[_Span]) -> Iterator[tuple[_Span, int]]:
    """Yield every span with its duration less what ran inside it: the body of a loop, a branch of an If."""
    ordered = sorted(spans, key=lambda span: (span.thread, span.start, -span.duration))
    own = [span.duration for span in ordered]
    around: list[int] = []
    for number, span in enumerate(ordered):
        while around and not _holds(ordered[around[-1]], span):
            around.pop()
        if around:
            own[around[-1]] -= span.duration
        around.append(number)
    for span, time in sorted(zip(ordered, own, strict=True), key=lambda pair: pair[0].start):
        yield span, max(time, 0)


def _holds(outer: _Span, inner: _Span) -> bool:
    return outer.thread == inner.thread and inner.start < outer.start + outer.duration


def _typical(times: Sequence[int]) -> float:
    """Return the mean of the middle half: as robust as a median, but finer than the whole µs of a profile."""
    quarter = len(times) // 4
    middle = sorted(times)[quarter : len(times) - quarter]
    return sum(middle) / len(middle)
