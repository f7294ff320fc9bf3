"""Sizes that a model leaves free: what each axis stands for, and which sizes agree with every operator."""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_energy.graphs.axis_names import keyed_shape, roles_of
from pytest_energy.graphs.fills import InputFacts, is_image, is_state, is_waveform
from pytest_energy.graphs.graph_view import GraphView, Shape
from pytest_energy.graphs.shape_check import with_sizes
from pytest_energy.results.input_plan import FreeSize, Role

# Likeliest first. Sequences are short; images have a least size, and are a multiple of 32; sound is sampled
# at 16 kHz; what is left is tried at all of these.
_LENGTHS = (64, 32, 128, 16, 256, 8, 80, 1)
_IMAGES = (224, 256, 320, 640, 128, 64, 32, 48)
_SAMPLES = (16000, 512, 4096, 48000, 1536, 32000, 80000, 160000)
_OTHERS = (64, 224, 32, 128, 256, 16, 8, 1)
_MOST_NODES_CHECKED = 60_000  # shape inference takes about 10 us per node
_MOST_CHECKS, _FEWEST_CHECKS = 32, 4
_CELLS = frozenset({"LSTM", "GRU", "RNN"})
_CELL_STATES = (5, 6)
_OPERATORS: Mapping[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.floordiv,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedInputs:
    """The inputs of a model with all their sizes.

    Attributes:
        shapes: A size or a key per axis, per input.
        sizes: Candidates of every key, those first that the shape check accepts.
        view: The graph with the shapes that follow from the first candidates.
        faults: Places where these contradict each other or an operator.
    """

    shapes: Mapping[str, tuple[int | str, ...]]
    sizes: tuple[FreeSize, ...]
    view: GraphView
    faults: int


def size_inputs(view: GraphView, facts: Sequence[InputFacts], batch: int) -> SizedInputs:
    """Find sizes for every free axis.

    Args:
        view: The graph.
        facts: What is known of every input.
        batch: The size of batch axes.
    """
    shapes = {each.name: keyed_shape(each.name, _ranked(view, each)) for each in facts}
    roles = {**roles_of(shapes.values()), **_state_batches(facts, shapes)}
    sizes = [
        FreeSize(key=key, candidates=candidates, role=roles[key], reason=reason)
        for key, (candidates, reason) in _candidates(facts, shapes, roles, batch).items()
    ]
    return _checked(view, shapes, sizes)


def _state_batches(
    facts: Sequence[InputFacts], shapes: Mapping[str, tuple[int | str, ...]]
) -> dict[str, Role]:
    """Find batch axes that are not the first: that of a recurrent state is the last but one."""
    found: dict[str, Role] = {}
    for each in facts:
        free = [size for size in shapes[each.name] if isinstance(size, str)]
        recurrent = any(use.node.op_type in _CELLS and use.place in _CELL_STATES for use in each.uses)
        if len(shapes[each.name]) > 2 and len(free) == 1 and (recurrent or is_state(each.name)):  # noqa: PLR2004
            found[free[0]] = "batch"
    return found


def resolved(shape: Sequence[int | str], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Put sizes in for the keys of a shape."""
    return tuple(sizes[size] if isinstance(size, str) else size for size in shape)


def _ranked(view: GraphView, facts: InputFacts) -> Shape:
    """Return the declared shape; where not even the rank is known, what the first operator takes."""
    if facts.shape is not None:
        return facts.shape
    for use in facts.uses:
        weight = view.dimensions.get(use.node.input[1]) if len(use.node.input) > 1 else None
        if use.place == 0 and weight and use.node.op_type == "Conv":
            return (None, weight[1], *[None] * (len(weight) - 2))
        if use.place == 0 and weight and use.node.op_type in {"MatMul", "Gemm"}:
            return (None, weight[-2] if len(weight) > 1 else weight[0])
    return () if facts.type.startswith("optional(") else (None, None)


def _candidates(
    facts: Sequence[InputFacts],
    shapes: Mapping[str, tuple[int | str, ...]],
    roles: Mapping[str, Role],
    batch: int,
) -> dict[str, tuple[tuple[int, ...], str]]:
    found: dict[str, tuple[tuple[int, ...], str]] = {}
    for each in facts:
        for size in shapes[each.name]:
            if isinstance(size, str) and size not in found:
                found[size] = _of_axis(each, roles[size], batch)
    computed = {key: value for key in found if (value := _computed(key, found)) is not None}
    return {**found, **computed}


def _of_axis(facts: InputFacts, role: Role, batch: int) -> tuple[tuple[int, ...], str]:
    if role == "batch":
        return (batch,), "the batch"
    if is_image(facts):
        return _IMAGES, "side of an image"
    if is_waveform(facts) and not any(isinstance(size, int) and size > 2 for size in facts.shape or ()):  # noqa: PLR2004 - frames
        return _SAMPLES, "samples of sound"
    if role == "length" or "int" in facts.type:
        return _LENGTHS, "length of a sequence"
    return _OTHERS, "nothing is known of it"


def _computed(
    key: str, known: Mapping[str, tuple[tuple[int, ...], str]]
) -> tuple[tuple[int, ...], str] | None:
    """Return the sizes of a key that is a sum or product of others, such as ``past_length + 1``."""
    names = [name for name in known if name != key and name in key]
    totals = [name for name in known if name != key and "seq" in name] if "total" in key else []
    ranks = max((len(known[name][0]) for name in names or totals), default=0)
    rows = [
        {name: sizes[min(rank, len(sizes) - 1)] for name, (sizes, _) in known.items() if name != key}
        for rank in range(ranks)
    ]
    if names:
        values = [_evaluated(key, row) for row in rows]
        if None not in values:
            return tuple(value for value in values if value is not None), f"computed: {key}"
    if totals:
        return tuple(sum(row[name] for name in totals) for row in rows), f"sum of {', '.join(totals)}"
    return None


def _evaluated(text: str, sizes: Mapping[str, int]) -> int | None:
    """Evaluate arithmetic on symbols; None where it is something else."""
    try:
        return _value(ast.parse(text, mode="eval").body, sizes)
    except (SyntaxError, KeyError, ZeroDivisionError, ValueError, RecursionError, MemoryError):
        return None


def _value(tree: ast.expr, sizes: Mapping[str, int]) -> int:
    match tree:
        case ast.Name(id=name):
            return sizes[name]
        case ast.Constant(value=int(number)):
            return number
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, sizes), _value(right, sizes))
        case _:
            raise ValueError(ast.dump(tree))


def _checked(
    view: GraphView, shapes: Mapping[str, tuple[int | str, ...]], sizes: Sequence[FreeSize]
) -> SizedInputs:
    """Try combinations until one has no fault, and put the best one first."""
    best: tuple[int, dict[str, int], GraphView] | None = None
    most = min(_MOST_CHECKS, max(_FEWEST_CHECKS, _MOST_NODES_CHECKED // (len(view.nodes) + 1)))
    for _, chosen in zip(range(most), _combinations(sizes), strict=False):
        seen, faults = with_sizes(view, {name: resolved(shape, chosen) for name, shape in shapes.items()})
        if best is None or faults < best[0]:
            best = faults, chosen, seen
        if not faults:
            break
    assert best is not None  # noqa: S101 - there is one combination at least
    faults, chosen, seen = best
    ordered = tuple(
        replace(each, candidates=tuple(dict.fromkeys((chosen[each.key], *each.candidates)))) for each in sizes
    )
    return SizedInputs(shapes=shapes, sizes=ordered, view=seen, faults=faults)


def _combinations(sizes: Sequence[FreeSize]) -> Iterator[dict[str, int]]:
    """Yield the first candidates of all, the next of all, and then those in which one differs."""
    ranks = max((len(each.candidates) for each in sizes), default=1)
    for rank in range(ranks):
        yield {each.key: each.candidates[min(rank, len(each.candidates) - 1)] for each in sizes}
    first = {each.key: each.candidates[0] for each in sizes}
    for each in sizes:
        for other in each.candidates[1:]:
            yield first | {each.key: other}
