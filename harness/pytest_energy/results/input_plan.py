"""The input plan: what is fed to each input of a model and why, as frozen records and their JSON.

Standard library only: the plan travels inside a job to a worker that may be another environment's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

FillKind = Literal[
    "normal", "uniform", "integers", "mask", "positions", "lengths", "permutation", "values", "text", "absent"
]
Role = Literal["batch", "length", "image", "feature", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How the elements of one input are drawn.

    Attributes:
        kind: ``normal`` with mean 0 and deviation ``high`` (1 where None); ``uniform`` in [low, high);
            ``integers``, whole numbers in [low, high) whatever the dtype; ``mask``, ones with zeros at the
            end of some rows; ``positions``, 0, 1, 2 ... along the last axis; ``lengths``, the
            greatest first and none below three quarters of it; ``permutation``, each of
            low ... high - 1 at most once; ``values`` as they are given, repeated to fill the shape;
            ``text``, short words; ``absent``, an optional input that is left out.
        low: Least value; None for 0.
        high: Exclusive upper bound, or the deviation of ``normal``; None where nothing is known.
        high_of: Key of a free size that bounds the values as well, e.g. for lengths; None for none.
        values: The values of the kind ``values``.
        sure: Whether it follows from the graph or from the user, so that no search may change it.
    """

    kind: FillKind
    low: float | None = None
    high: float | None = None
    high_of: str | None = None
    values: tuple[float | int | bool | str, ...] = ()
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSize:
    """A size that the model leaves free; equal keys have equal sizes.

    Attributes:
        key: The symbol of the model, or ``input[axis]`` where it has none.
        candidates: Sizes to try, the likeliest first; at least one. Candidates of one rank belong together
            across the free sizes of a plan.
        role: What the axis stands for.
        reason: Why these, in words.
    """

    key: str
    candidates: tuple[int, ...]
    role: Role = "other"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInput:
    """One input.

    Attributes:
        name: Name in the graph.
        type: ONNX Runtime's type string, e.g. ``tensor(float)`` or ``seq(tensor(float))``.
        shape: A size, or the key of a free size, per axis; () for a scalar. Of the elements, for a sequence.
        fill: How its elements are drawn.
        reason: Why, in words: ``ids < 30522: Gather on 'embeddings.word'``.
        count: Number of elements of a sequence.
    """

    name: str
    type: str
    shape: tuple[int | str, ...]
    fill: Fill
    reason: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePair:
    """A recurrent state: what the output holds after a step is the input of the next.

    Attributes:
        input: Name of the input.
        output: Name of the output.
    """

    input: str
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPlan:
    """What is fed to a model.

    Attributes:
        batch: The batch that it was made for.
        inputs: Every input that must be fed, in the order of the model.
        sizes: Every free size that an input refers to.
        states: States to feed back.
        source: Where it was derived from: ``graph``, or ``description`` of the inputs by ONNX Runtime.
    """

    batch: int
    inputs: tuple[PlannedInput, ...]
    sizes: tuple[FreeSize, ...] = ()
    states: tuple[StatePair, ...] = ()
    source: Literal["graph", "description"] = "graph"


def plan_from_plain(plain: Mapping[str, Any]) -> InputPlan:
    """Rebuild a plan from what ``dataclasses.asdict`` and JSON made of it.

    Raises:
        LookupError, TypeError: It is no plan.
    """
    return InputPlan(
        batch=plain["batch"],
        inputs=tuple(_input(each) for each in plain["inputs"]),
        sizes=tuple(FreeSize(**{**each, "candidates": tuple(each["candidates"])}) for each in plain["sizes"]),
        states=tuple(StatePair(**each) for each in plain["states"]),
        source=plain["source"],
    )


def _input(plain: Mapping[str, Any]) -> PlannedInput:
    fill = Fill(**{**plain["fill"], "values": tuple(plain["fill"]["values"])})
    return PlannedInput(**{**plain, "shape": tuple(plain["shape"]), "fill": fill})
