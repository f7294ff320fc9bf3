"""Refusals: what ONNX Runtime's words about a feed that it did not take tell about one that it would."""

import re
from dataclasses import replace

from pytest_energy.results.input_plan import InputPlan
from pytest_energy.workloads.synthesis import Choice, chosen_sizes

# Got invalid dimensions for input: x for the following indices\n index: 2 Got: 64 Expected: 80
_DIMENSIONS = re.compile(r"[Ii]nvalid dimensions for input: (.+?) for the following indices(.*)")
_DIMENSION = re.compile(r"index: (\d+) Got: (\d+) Expected: (\d+)")
# Invalid rank for input: x Got: 0 Expected: 1
_RANK = re.compile(r"[Ii]nvalid rank for input: (.+?) Got: (\d+) Expected: (\d+)")
# indices element out of data bounds, idx=940 must be within the inclusive range [-77,76]
_RANGE = re.compile(r"(?:idx|index|value)[ =:]+(-?\d+).*?range \[(-?\d+), ?(-?\d+)\]")


def learned(plan: InputPlan, choice: Choice, said: str) -> Choice | None:
    """Return the choice that a refusal suggests; None where it says nothing of use, or nothing new.

    Args:
        plan: What was fed.
        choice: How it was chosen.
        said: ONNX Runtime's message, on one line.
    """
    better = _sizes(plan, choice, said) or _rank(plan, choice, said) or _bounds(plan, choice, said)
    return better if better != choice else None


def _sizes(plan: InputPlan, choice: Choice, said: str) -> Choice | None:
    found = _DIMENSIONS.search(said)
    planned = {each.name: each for each in plan.inputs}
    if not found or found[1] not in planned:
        return None
    shape = planned[found[1]].shape
    sizes = {
        str(shape[int(axis)]): int(expected)
        for axis, _, expected in _DIMENSION.findall(found[2])
        if int(axis) < len(shape) and isinstance(shape[int(axis)], str)
    }
    return replace(choice, sizes={**choice.sizes, **sizes}) if sizes else None


def _rank(plan: InputPlan, choice: Choice, said: str) -> Choice | None:
    found = _RANK.search(said)
    planned = {each.name: each for each in plan.inputs}
    if not found or found[1] not in planned:
        return None
    sizes = chosen_sizes(plan, choice)
    shape = [sizes[each] if isinstance(each, str) else each for each in planned[found[1]].shape]
    rank = int(found[3])
    fitting = (*shape[:rank], *[1] * (rank - len(shape)))
    return replace(choice, shapes={**choice.shapes, found[1]: fitting})


def _bounds(plan: InputPlan, choice: Choice, said: str) -> Choice | None:
    """Bound the whole numbers that can have held the value that was out of range."""
    found = _RANGE.search(said)
    if not found or int(found[3]) < 0:
        return None
    value, bound = int(found[1]), int(found[3]) + 1
    guilty = [
        each.name
        for each in plan.inputs
        if each.fill.kind == "integers"
        and not each.fill.sure
        and value < choice.bounds.get(each.name, int(each.fill.high or value + 1))
    ]
    bounds = {name: min(bound, choice.bounds.get(name, bound)) for name in guilty}
    return replace(choice, bounds={**choice.bounds, **bounds}) if guilty else None
