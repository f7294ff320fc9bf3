"""Synthesis: seeded tensors, sequences and strings as an input plan asks for them."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.results.input_plan import Fill, InputPlan, PlannedInput

Array = npt.NDArray[Any]
Feed = Array | list[Array] | None
"""A tensor, a sequence of tensors, or an optional input that is left out."""
Feeds = dict[str, Feed]

DTYPES: Mapping[str, str] = {
    "float": "float32",
    "double": "float64",
    "float16": "float16",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "bool": "bool",
    "string": "object",
    # numpy has none of these types: their bits, as ONNX Runtime takes them.
    "bfloat16": "uint16",
    **dict.fromkeys(("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz"), "uint8"),
    **dict.fromkeys(("float8e8m0", "float4e2m1", "int4", "uint4", "int2", "uint2"), "uint8"),
}
# Bits that are small positive numbers in every format of 8 bits, and any in those that share a byte.
_BITS_OF_FLOAT8 = (0x28, 0x40)
_BITS_OF_A_BYTE = (0x00, 0x77)
_WORDS = ("energy", "of", "one", "step", "is", "what", "we", "look", "for", "here")
_WHOLE = frozenset("iub")
_OPEN_BOUND = 1000  # whole numbers of which nothing is known stay below it


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a search may change in a plan; the default changes nothing.

    Attributes:
        rank: Which candidate of every free size is taken; the last one of those that have fewer.
        sizes: Sizes that differ from the candidates, by key.
        bound: Exclusive upper bound of whole numbers that nothing is sure of; None for the plan's.
        bounds: Exclusive upper bounds of single inputs, by name.
        shapes: Shapes of single inputs that differ from the plan's, by name.
        floats: What floats that nothing is sure of are drawn from; None for the plan's.
    """

    rank: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    bound: int | None = None
    bounds: Mapping[str, int] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    floats: Fill | None = None


AS_PLANNED = Choice()
"""Changes nothing."""


def synthesize(plan: InputPlan, choice: Choice = AS_PLANNED, *, seed: int = 0, feed: int = 0) -> Feeds:
    """Make one feed; equal arguments give equal bytes.

    Args:
        plan: What to feed.
        choice: What a search found out beyond the plan.
        seed: Seed of the values.
        feed: Number of the feed: the same shapes, other values.
    """
    sizes = chosen_sizes(plan, choice)
    return {
        each.name: _fed(each, sizes, choice, [seed, index] + ([feed] if feed else []))
        for index, each in enumerate(plan.inputs)
    }


def chosen_sizes(plan: InputPlan, choice: Choice) -> dict[str, int]:
    """Return the size behind every key of the plan."""
    return {
        each.key: choice.sizes.get(each.key, each.candidates[min(choice.rank, len(each.candidates) - 1)])
        for each in plan.sizes
    }


def chosen_shape(planned: PlannedInput, sizes: Mapping[str, int], choice: Choice) -> tuple[int, ...]:
    """Return the shape of one input."""
    if planned.name in choice.shapes:
        return choice.shapes[planned.name]
    return tuple(sizes[size] if isinstance(size, str) else size for size in planned.shape)


def most_elements(plan: InputPlan, choice: Choice) -> int:
    """Return the number of elements of the largest input."""
    sizes = chosen_sizes(plan, choice)
    return max((math.prod(chosen_shape(each, sizes, choice)) for each in plan.inputs), default=0)


def feeds_hash(feeds: Mapping[str, Feed]) -> str:
    """Return the SHA-256 of names, dtypes, shapes and values."""
    digest = hashlib.sha256()
    for name in sorted(feeds):
        value = feeds[name]
        for array in value if isinstance(value, list) else [] if value is None else [value]:
            plain = np.ascontiguousarray(array)
            digest.update(f"{name}\0{plain.dtype}\0{plain.shape}\0".encode("utf-8", "surrogatepass"))
            digest.update(_bytes(plain))
    return digest.hexdigest()


def feeds_size(feeds: Mapping[str, Feed]) -> int:
    """Return the size of a feed in bytes; what strings hold is not counted."""
    arrays = [value if isinstance(value, list) else [value] for value in feeds.values() if value is not None]
    return sum(array.nbytes for each in arrays for array in each)


def element_type(kind: str) -> str:
    """Return what the innermost tensor of a type holds: ``float`` of ``seq(tensor(float))``."""
    return kind.rpartition("tensor(")[2].rstrip(")")


def _fed(planned: PlannedInput, sizes: Mapping[str, int], choice: Choice, seed: list[int]) -> Feed:
    if planned.fill.kind == "absent":
        return None
    shape = chosen_shape(planned, sizes, choice)
    generator = np.random.default_rng(seed)
    fill = _bounded(_chosen_fill(planned, choice), planned.name, sizes, choice)
    if "seq(" in planned.type:
        return [_values(planned.type, fill, shape, generator) for _ in range(planned.count)]
    return _values(planned.type, fill, shape, generator)


def _chosen_fill(planned: PlannedInput, choice: Choice) -> Fill:
    free = planned.fill.kind in {"normal", "uniform"} and not planned.fill.sure
    return choice.floats if free and choice.floats else planned.fill


def _bounded(fill: Fill, name: str, sizes: Mapping[str, int], choice: Choice) -> Fill:
    """Put in the tightest bound that is known."""
    bounds = [fill.high if fill.kind != "normal" else None, choice.bounds.get(name)]
    bounds.append(sizes[fill.high_of] + (fill.kind == "lengths") if fill.high_of else None)
    if fill.kind == "integers" and not fill.sure:
        bounds.append(choice.bound)
    known = [bound for bound in bounds if bound is not None]
    if fill.kind == "normal" or not known:
        return fill
    return Fill(kind=fill.kind, low=fill.low, high=min(known), values=fill.values, sure=fill.sure)


def _values(kind: str, fill: Fill, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    element = element_type(kind)
    drawn = _drawn_text(fill, shape, generator) if element == "string" else _drawn(fill, shape, generator)
    if element == "bfloat16":
        return np.asarray(np.asarray(drawn, np.float32).view(np.uint32) >> 16).astype(np.uint16)
    if element not in np.sctypeDict and DTYPES[element] == "uint8" and fill.kind != "values":
        bits = _BITS_OF_FLOAT8 if element.startswith("float8") else _BITS_OF_A_BYTE
        drawn = generator.integers(*bits, shape)
    dtype = np.dtype(DTYPES[element])
    if dtype.kind in _WHOLE and dtype.kind != "b" and np.asarray(drawn).dtype.kind in "iuf":
        limits = np.iinfo(dtype)
        drawn = np.clip(drawn, limits.min, limits.max)
    return np.asarray(drawn).astype(dtype)


def _drawn(fill: Fill, shape: tuple[int, ...], generator: np.random.Generator) -> Any:  # noqa: PLR0911 - one per kind
    low = 0.0 if fill.low is None else fill.low
    high = fill.high
    match fill.kind:
        case "normal":
            return generator.standard_normal(shape) * (1.0 if high is None else high)
        case "uniform":
            return generator.uniform(low, 1.0 if high is None else high, shape)
        case "mask":
            return _mask(shape, generator)
        case "positions":
            return _positions(shape, high)
        case "lengths":
            return _lengths(shape, high, generator)
        case "permutation":
            return _permutation(int(low), int(low) + 1 if high is None else int(high), shape, generator)
        case "values" if fill.values:
            return np.resize(np.asarray(fill.values), shape)
        case _:
            return generator.integers(int(low), max(int(low) + 1, int(high or _OPEN_BOUND)), shape)


def _drawn_text(fill: Fill, shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    words = fill.values or _WORDS
    return np.asarray(words, dtype=object)[generator.integers(0, len(words), shape)]


def _mask(shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Ones, with zeros at the end of rows: the first row is full, and none loses more than a quarter."""
    mask = np.ones(shape, np.int64)
    if len(shape) > 1 and mask.size:
        rows = mask.reshape(-1, shape[-1])
        for row in rows[1:]:
            row[shape[-1] - int(generator.integers(0, shape[-1] // 4 + 1)) :] = 0
    return mask


def _positions(shape: tuple[int, ...], high: float | None) -> Any:
    last = np.arange(shape[-1] if shape else 1)
    below = last if high is None else last % max(1, int(high))
    return np.broadcast_to(below, shape) if shape else below[0]


def _lengths(shape: tuple[int, ...], high: float | None, generator: np.random.Generator) -> Any:
    longest = max(1, int(high or _OPEN_BOUND) - 1)
    lengths = np.asarray(generator.integers(longest - longest // 4, longest + 1, shape))
    lengths.flat[:1] = longest
    return lengths


def _permutation(low: int, high: int, shape: tuple[int, ...], generator: np.random.Generator) -> Any:
    """Draw without repetition along the last axis, as far as there are enough."""
    numbers = np.arange(low, max(low + 1, high))
    rows = math.prod(shape[:-1])
    drawn = [np.resize(generator.permutation(numbers), shape[-1] if shape else 1) for _ in range(rows)]
    return np.asarray(drawn).reshape(shape)


def _bytes(array: Array) -> bytes:
    if array.dtype.kind == "O":
        return "\0".join(map(str, array.reshape(-1).tolist())).encode("utf-8", "surrogatepass")
    return array.tobytes()
