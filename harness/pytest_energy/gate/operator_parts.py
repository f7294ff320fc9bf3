"""Parts: nodes of an old and a new model, and which became which. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pytest_energy.results.operators import OperatorShare

_WORD = re.compile(r"MatMul|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# What names of operators say about precision, layout and fusion, and not about the work that is done.
_MANNERS = frozenset(
    {"Q", "Linear", "Quantize", "Dynamic", "Integer", "To", "Float", "N", "Bits", "Bnb", "4"}
    | {"Fused", "Nhwc", "Nchwc", "Skip", "Bias", "Fast", "Quick"}
)
_SAME_WORK = {"Gemm": "MatMul"}

Nodes = tuple[OperatorShare, ...]
Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some nodes, and what they became.

    Attributes:
        old: Nodes of the old model; none where they are new.
        new: Nodes of the new model; none where they vanished.
        growth: What they cost more than before, in old steps.
    """

    old: Nodes
    new: Nodes
    growth: float

    @property
    def more(self) -> int:
        """How many nodes there are more than before."""
        return len(self.new) - len(self.old)

    @property
    def operators(self) -> tuple[str, str]:
        """What they were and what they are; empty where they were not or are not."""
        return _each_once(node.op_type for node in self.old), _each_once(node.op_type for node in self.new)

    @property
    def providers(self) -> tuple[str, str]:
        """Where they ran and where they run."""
        return _each_once(node.provider for node in self.old), _each_once(node.provider for node in self.new)

    @property
    def is_as_it_was(self) -> bool:
        """Whether nothing but names and costs differs."""
        return not self.more and self.operators[0] == self.operators[1] and not self.has_moved

    @property
    def has_moved(self) -> bool:
        """Whether another execution provider runs them."""
        return bool(self.old and self.new) and self.providers[0] != self.providers[1]


def _each_once(words: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(words))


def parts_of(before: Nodes, after: Nodes, ratio: float) -> list[Part]:
    """Find for every node what it was: by name, then by operator, then by what does the same work.

    Args:
        before: Nodes of the old model.
        after: Nodes of the new model.
        ratio: What a step of the new model costs in steps of the old one.

    Returns:
        Every node in one part: those that stayed or came in the order of the new model, then those that went.
    """
    place = {node: number for number, node in enumerate(after)}
    parts: list[Part] = []
    for key in (_name_and_operator, _operator, _name, _work):
        old, new = grouped(before, key), grouped(after, key)
        for shared in [each for each in new if each in old]:
            parts += _paired(old.pop(shared), new.pop(shared), ratio)
        before, after = _flat(old.values()), _flat(new.values())
    parts += (_part((), (node,), ratio) for node in after)
    parts.sort(key=lambda part: place[part.new[0]])
    return [*parts, *(_part((node,), (), ratio) for node in before)]


def _name_and_operator(node: OperatorShare) -> Hashable:
    return node.name, node.op_type


def _operator(node: OperatorShare) -> Hashable:
    return node.op_type


def _name(node: OperatorShare) -> Hashable:
    return node.name


def _work(node: OperatorShare) -> Hashable:
    """Return what an operator does, however it does it: ``Conv`` for ``QLinearConv``."""
    words = (word for word in _WORD.findall(node.op_type) if word not in _MANNERS)
    work = "".join(words) or node.op_type
    return _SAME_WORK.get(work, work)


def _paired(old: Sequence[OperatorShare], new: Sequence[OperatorShare], ratio: float) -> Iterator[Part]:
    """Pair as many nodes as there were, in order; of more or fewer it is not known which is which."""
    if len(old) != len(new):
        yield _part(tuple(old), tuple(new), ratio)
    else:
        yield from (_part((was,), (now,), ratio) for was, now in zip(old, new, strict=True))


def _part(old: Nodes, new: Nodes, ratio: float) -> Part:
    return Part(old=old, new=new, growth=ratio * share(new) - share(old))


def share(nodes: Iterable[OperatorShare]) -> float:
    """Return the share of the step that nodes have together."""
    return sum(node.share for node in nodes)


def merged(parts: Sequence[Part]) -> Part:
    """Put parts together."""
    return Part(
        old=_flat(part.old for part in parts),
        new=_flat(part.new for part in parts),
        growth=sum(part.growth for part in parts),
    )


def _flat(nodes: Iterable[Iterable[OperatorShare]]) -> Nodes:
    return tuple(node for each in nodes for node in each)


def grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Return items by key, keys in the order in which they come up."""
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups
