"""The flow of a value: which operators it reaches, through casts, reshapes and constants that are added."""

from collections.abc import Iterator
from dataclasses import dataclass

import onnx

from pytest_energy.graphs.graph_view import GraphView, attributes

# Operators that hand their first input on as it is, whatever its shape becomes.
_HANDS_ON = frozenset(
    {
        "Cast",
        "CastLike",
        "Expand",
        "Flatten",
        "Identity",
        "Reshape",
        "Slice",
        "Split",
        "Squeeze",
        "Tile",
        "Transpose",
        "Unsqueeze",
    }
)
_MOST_USES = 64
MIXED = "with others"
"""Stands in the way of a use where the value meets others."""

_WHOLE_TYPES = frozenset(
    {onnx.TensorProto.INT32, onnx.TensorProto.INT64, onnx.TensorProto.INT16, onnx.TensorProto.INT8}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One place where a value ends up.

    Attributes:
        node: The operator that takes it.
        place: As which of its inputs.
        offset: What was added to the value on the way; the operator takes value x scale + offset.
        scale: What it was multiplied with on the way.
        through: The operators on the way.
    """

    node: onnx.NodeProto
    place: int
    offset: float = 0.0
    scale: float = 1.0
    through: tuple[str, ...] = ()

    @property
    def as_whole(self) -> bool:
        """Whether it was cast to whole numbers on the way: ids may be carried in floats."""
        return "Cast to whole" in self.through

    @property
    def as_bool(self) -> bool:
        """Whether it was cast to bool on the way, so that 0 and not 0 is all that counts."""
        return "Cast to bool" in self.through

    def before(self, bound: float) -> float:
        """Return what the value itself must stay below where the operator must stay below a bound."""
        return (bound - self.offset) / self.scale


def uses_of(view: GraphView, name: str) -> list[Use]:
    """Follow a value and return where it ends up, nearest first.

    Args:
        view: The graph.
        name: The value.
    """
    found: list[Use] = []
    open_ends = [(name, 0.0, 1.0, ())]  # type: list[tuple[str, float, float, tuple[str, ...]]]
    seen = {name}
    while open_ends and len(found) < _MOST_USES:
        value, offset, scale, through = open_ends.pop(0)
        for node, place in view.consumers.get(value, ()):
            use = Use(node=node, place=place, offset=offset, scale=scale, through=through)
            onward = _onward(view, use)
            if onward is None or len(through) > _MOST_USES:
                found.append(use)
                continue
            for output in filter(None, node.output):
                if output not in seen:
                    seen.add(output)
                    open_ends.append((output, *onward))
    return found


def _onward(view: GraphView, use: Use) -> tuple[float, float, tuple[str, ...]] | None:
    """Return offset, scale and way behind an operator; None where the value ends up in it."""
    node, kind = use.node, use.node.op_type
    if kind in _HANDS_ON and use.place == 0:
        return use.offset, use.scale, (*use.through, _named(node))
    if kind == "Concat" or (kind == "Gather" and use.place == 0):
        return use.offset, use.scale, (*use.through, kind)
    if kind == "Where" and use.place > 0:
        return use.offset, use.scale, (*use.through, MIXED)
    if kind in {"Add", "Sub", "Mul"} and len(node.input) == 2:  # noqa: PLR2004 - both operands
        return _shifted(view, use) or _mixed(view, use)
    return None


def _shifted(view: GraphView, use: Use) -> tuple[float, float, tuple[str, ...]] | None:
    constant = view.constant(use.node, 1 - use.place)
    if constant is None or constant.size != 1 or constant.dtype.kind not in "iuf":
        return None
    number = float(constant.reshape(-1)[0])
    through = (*use.through, use.node.op_type)
    if use.node.op_type == "Add":
        return use.offset + number, use.scale, through
    if use.node.op_type == "Sub" and use.place == 0:
        return use.offset - number, use.scale, through
    if use.node.op_type == "Mul" and 0 < number < 1e6:  # noqa: PLR2004 - a factor of -1e9 makes a mask
        return use.offset * number, use.scale * number, through
    return None


def _mixed(view: GraphView, use: Use) -> tuple[float, float, tuple[str, ...]] | None:
    """Follow whole numbers to where they meet others, as when negative ids are raised by the vocabulary."""
    if not use.as_whole or view.constant(use.node, 1 - use.place) is not None:
        return None
    return 0.0, 1.0, (*use.through, MIXED)


def _named(node: onnx.NodeProto) -> str:
    if node.op_type != "Cast":
        return node.op_type
    to = attributes(node).get("to")
    if to == onnx.TensorProto.BOOL:
        return "Cast to bool"
    return "Cast to whole" if to in _WHOLE_TYPES else "Cast"


def ancestors(view: GraphView, name: str, most: int = 200) -> Iterator[str]:
    """Yield the values that a value is computed from, nearest first."""
    seen, waiting = {name}, [name]
    while waiting and len(seen) < most:
        node = view.producers.get(waiting.pop(0))
        for taken in node.input if node else ():
            if taken and taken not in seen:
                seen.add(taken)
                waiting.append(taken)
                yield taken
