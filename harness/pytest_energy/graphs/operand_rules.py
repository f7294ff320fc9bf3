"""Rules about operands: how one is registered, and what the rules share."""

import math
from collections.abc import Callable, Mapping

from pytest_energy.graphs.flow import MIXED, Use
from pytest_energy.graphs.graph_view import GraphView, Shape
from pytest_energy.results.input_plan import Fill, FillKind

Verdict = tuple[Fill, str]
"""A fill and the reason for it."""

Rule = Callable[[GraphView, Use], Verdict | None]
"""Returns None where it does not apply."""

RULES: dict[tuple[str, int], Rule] = {}
"""One rule per operator and place."""


def rule(places: Mapping[str, tuple[int, ...]]) -> Callable[[Rule], Rule]:
    """Register a rule for operators and places."""

    def register(function: Rule) -> Rule:
        for kind, numbers in places.items():
            for number in numbers:
                RULES[kind, number] = function
        return function

    return register


def below(use: Use, bound: int | str | None, reason: str, kind: str = "integers") -> Verdict | None:
    """Return whole numbers inside a table of a known size, as the value must be before the operator."""
    if isinstance(bound, str):
        return Fill(kind="integers", high_of=bound), f"below {bound}: {reason}"
    if bound is None:
        return None
    below = math.floor(use.before(bound))
    low = max(0, math.ceil(-use.offset / use.scale))
    if below <= low:
        return None
    chosen: FillKind = "permutation" if kind == "permutation" else "integers"
    certain = MIXED not in use.through
    return Fill(kind=chosen, low=low or None, high=below, sure=certain), f"< {below}: {reason}"


def sure(kind: FillKind, low: float, high: float, reason: str) -> Verdict:
    """Return a range that no search may change."""
    return Fill(kind=kind, low=low, high=high, sure=True), reason


def given(values: tuple[int | float | bool | str | None, ...], reason: str) -> Verdict | None:
    """Return values that no search may change; None where one is unknown."""
    known = tuple(value for value in values if isinstance(value, int | float))
    if len(known) != len(values):
        return None
    return Fill(kind="values", values=known, sure=True), reason


def known_sizes(view: GraphView, name: str) -> tuple[int, ...] | None:
    """Return a shape in which every size is known."""
    shape: Shape | None = view.shape(name)
    known = tuple(size for size in shape or () if isinstance(size, int))
    return known if shape is not None and len(known) == len(shape) else None


def list_length(view: GraphView, use: Use) -> int | None:
    """Return how many numbers the value in this place holds, where it is a list."""
    shape = view.shape(use.node.input[use.place])
    return shape[0] if shape and isinstance(shape[0], int) else None


def shown(name: str) -> str:
    """Write a name of the graph."""
    return f"`{name}`"
