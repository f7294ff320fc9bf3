"""Which operators made a step dearer: two profiles and the ratio of their costs become sentences. Pure."""

import re
from collections.abc import Hashable, Iterator, Sequence

from pytest_energy.gate.operator_parts import Nodes, Part, grouped, merged, parts_of, share
from pytest_energy.results.operators import OperatorProfile

NOISE = 0.02
"""Share of the dearer step by which two profiles of the same model may differ."""

_MOST = 5
_ALIKE = 0.25  # largest part of the growth that may lie elsewhere than where the time was before
_STANDS_OUT = 0.2  # least growth of a node that is named, as a share of the largest growth beside it
_LONGEST_NAME = 48
_FEW = 2  # names that are all told

_NUMBER = re.compile(r"[_.]?\d+")


def explain_growth(before: OperatorProfile, after: OperatorProfile, ratio: float) -> tuple[str, ...]:
    """Say in at most five sentences which operators made a step dearer, the weightiest first.

    Args:
        before: Profile of the old model.
        after: Profile of the new model.
        ratio: What a step of the new model costs in steps of the old one.

    Returns:
        Sentences without full stops; none where the step did not grow beyond noise, or a profile is empty.
    """
    if ratio <= 1 + NOISE or not (before.operators and after.operators):
        return ()
    parts = parts_of(before.operators, after.operators, ratio)
    told = sorted(_told(parts, NOISE * ratio), key=lambda part: -abs(part.growth))[: _MOST - 1]
    rest = ratio - 1 - sum(part.growth for part in told)
    sentences = tuple(_sentence(part, before, after) for part in told)
    if rest <= (ratio - 1) / 2:
        return sentences
    if _alike(parts, ratio):
        return (f"all operators grew alike: {_percent(ratio - 1)} of the old step",)
    return (*sentences, f"many operators, a little each: {_percent(rest)} of the old step")


def _told(parts: Sequence[Part], noise: float) -> Iterator[Part]:
    """Put together what is told together; leave out what is within noise, and what merely got cheaper."""
    for alike in grouped(parts, _change).values():
        whole = merged(alike)
        if whole.growth >= noise:
            yield from _outstanding(alike, noise) if whole.is_as_it_was else [whole]
        elif whole.growth <= -noise and whole.more < 0:
            yield whole


def _change(part: Part) -> Hashable:
    return part.operators, part.providers, part.more if part.old and part.new else 0


def _outstanding(parts: Sequence[Part], noise: float) -> Iterator[Part]:
    """Put together what is named alike, and leave out the nodes that did not grow."""
    named = [merged(_grown(each)) for each in grouped(parts, _stem).values()]
    beyond = [part for part in named if part.growth >= noise]
    yield from beyond or [merged(_grown(parts))]


def _grown(parts: Sequence[Part]) -> Sequence[Part]:
    least = _STANDS_OUT * max(part.growth for part in parts)
    return [part for part in parts if part.growth >= least]


def _stem(part: Part) -> str:
    """Return a name without its numbers, which are those of a repeated layer."""
    return _NUMBER.sub("", part.new[0].name)


def _alike(parts: Sequence[Part], ratio: float) -> bool:
    """Whether every node is still there and grew as much as all do."""
    elsewhere = sum(max(0.0, part.growth - (ratio - 1) * share(part.old)) for part in parts)
    return all(part.is_as_it_was for part in parts) and elsewhere <= _ALIKE * (ratio - 1)


def _sentence(part: Part, before: OperatorProfile, after: OperatorProfile) -> str:
    return f"{_what(part, before, after)}{_names(part)}: {_percent(part.growth)} of the old step"


def _what(part: Part, before: OperatorProfile, after: OperatorProfile) -> str:
    """Say which operators they are and what became of them."""
    (was, now), (there, here) = part.operators, part.providers
    if not part.old:
        return f"{part.more} {'more' if _has(before, now) else 'new'} {now}"
    if not part.new:
        return f"{-part.more} fewer {was}" if _has(after, was) else f"{_counted(part.old)} vanished"
    if was != now:
        return f"{_counted(part.old)} became {_counted(part.new) if part.more else now}"
    if part.more:
        return f"{abs(part.more)} {'more' if part.more > 0 else 'fewer'} {now}"
    if part.has_moved:
        return f"{_counted(part.new)} moved from {_short(there)} to {_short(here)}"
    return _counted(part.new)


def _short(providers: str) -> str:
    return providers.replace("ExecutionProvider", "")


def _names(part: Part) -> str:
    """Name the nodes: a range where only numbers differ; none where it is not known which were added."""
    if part.old and part.new and part.more:
        return ""
    names = list(dict.fromkeys(node.name for node in part.new or part.old))
    shown = [name if len(name) <= _LONGEST_NAME else f"...{name[3 - _LONGEST_NAME :]}" for name in names]
    if len(names) <= _FEW:
        return f" ({' and '.join(shown)})"
    if len({_NUMBER.sub("", name) for name in names}) == 1:
        return f" ({shown[0]}..{shown[-1]})"
    return f" ({shown[0]}, {shown[1]} and {len(names) - _FEW} others)"


def _counted(nodes: Nodes) -> str:
    operator = " and ".join(dict.fromkeys(node.op_type for node in nodes))
    return f"{len(nodes)} {operator}" if len(nodes) > 1 else operator


def _has(profile: OperatorProfile, operator: str) -> bool:
    return any(node.op_type == operator for node in profile.operators)


def _percent(fraction: float) -> str:
    """Write a change with two digits at most: a profile knows no more."""
    return f"{float(f'{fraction * 100:.2g}'):+.0f} %"
