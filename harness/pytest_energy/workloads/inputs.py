"""Feeds: seeded, realistic tensors for the inputs of a model, found by a bounded search.

ONNX Runtime tells names, dtypes and shapes, but neither the size of a vocabulary nor the least size of an
image. Both are searched for: candidates are tried, and the first that runs and gives finite outputs is taken.
"""

import hashlib
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pytest_energy.errors import InputsError

Feeds = dict[str, npt.NDArray[np.generic]]

_DTYPES: Mapping[str, str] = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(int8)": "int8",
    "tensor(int16)": "int16",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
    "tensor(uint8)": "uint8",
    "tensor(uint16)": "uint16",
    "tensor(uint32)": "uint32",
    "tensor(uint64)": "uint64",
    "tensor(bool)": "bool",
}
# Exclusive upper bounds for whole numbers: vocabularies are large, masks and token types are 0 or 1. At the
# wide end an id of a small vocabulary is out of range and the model says so; the search goes on to the next.
_BOUNDS = (1000, 100, 10, 2, 1)
# Sizes for free dimensions other than the first: sequences are short, images have a least size.
_SIZES = (64, 224, 32, 128, 256, 16, 8, 1)
# A guess may not exhaust the memory: where three dimensions are free, 256 in each are too many.
_MOST_ELEMENTS = 1 << 26
_IN_A_TEST = "Or measure it in a test, with energy.measure(lambda: session.run(None, feeds))."


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """One input, as ONNX Runtime describes it.

    Attributes:
        name: Name in the graph.
        type: ONNX Runtime's type string, e.g. ``tensor(float)``.
        shape: A size, or a symbol's name, or None, per dimension.
    """

    name: str
    type: str
    shape: tuple[int | str | None, ...]

    def __str__(self) -> str:
        return f"{self.name!r} {self.type} {list(self.shape)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way to fill in what the model does not tell.

    Attributes:
        size: Size of free dimensions other than the first.
        bound: Exclusive upper bound of whole numbers.
    """

    size: int
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeeds:
    """Feeds that the model accepts.

    Attributes:
        feeds: One array per input.
        finite: Whether all outputs were finite; where they were for no candidate, the first that ran is kept.
        candidate: How free dimensions and whole numbers were filled in.
    """

    feeds: Feeds
    finite: bool
    candidate: Candidate


def find_feeds(
    specs: Sequence[InputSpec], batch: int, seed: int, try_feed: Callable[[Feeds], bool | str]
) -> FoundFeeds:
    """Search for feeds that the model accepts.

    Args:
        specs: The inputs of the model.
        batch: Size of the free first dimension.
        seed: Seed of the values.
        try_feed: Runs the model once; True for finite outputs, False for NaN or infinities among them, and
            what ONNX Runtime said, as text, when it refused.

    Raises:
        InputsError: An input has a type that is not a tensor of numbers, no input can take the batch, or no
            candidate was accepted.
    """
    _refuse_unknown_types(specs)
    _refuse_fixed_batch(specs, batch)
    ran: FoundFeeds | None = None
    refusals: list[str] = []
    for candidate in _candidates(specs, batch):
        feeds = synthesize(specs, batch, seed, candidate)
        answer = try_feed(feeds)
        if answer is True:
            return FoundFeeds(feeds=feeds, finite=True, candidate=candidate)
        if answer is False:
            ran = ran or FoundFeeds(feeds=feeds, finite=False, candidate=candidate)
        else:
            refusals.append(str(answer))
    if ran is None:
        raise InputsError(_refused(specs, batch, refusals))
    return ran


def synthesize(specs: Sequence[InputSpec], batch: int, seed: int, candidate: Candidate) -> Feeds:
    """Make one feed; equal arguments give equal bytes.

    Floats are standard normal, whole numbers uniform in [0, bound), uint8 uniform in [0, 256) as in images.
    """
    feeds: Feeds = {}
    for index, spec in enumerate(specs):
        generator = np.random.default_rng([seed, index])
        feeds[spec.name] = _values(spec, _shape(spec, batch, candidate.size), generator, candidate.bound)
    return feeds


def feeds_hash(feeds: Mapping[str, npt.NDArray[np.generic]]) -> str:
    """Return the SHA-256 of names, dtypes, shapes and values."""
    digest = hashlib.sha256()
    for name in sorted(feeds):
        array = np.ascontiguousarray(feeds[name])
        digest.update(f"{name}\0{array.dtype}\0{array.shape}\0".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _values(
    spec: InputSpec, shape: tuple[int, ...], generator: np.random.Generator, bound: int
) -> npt.NDArray[np.generic]:
    dtype = np.dtype(_DTYPES[spec.type])
    if dtype.kind == "f":
        return np.asarray(generator.standard_normal(shape)).astype(dtype)
    if dtype.kind == "b":
        return np.asarray(generator.integers(0, 2, shape)).astype(dtype)
    widest = 256 if spec.type == "tensor(uint8)" else int(np.iinfo(dtype).max) + 1
    limit = widest if spec.type == "tensor(uint8)" else min(bound, widest)
    return np.asarray(generator.integers(0, limit, shape)).astype(dtype)


def _shape(spec: InputSpec, batch: int, size: int) -> tuple[int, ...]:
    free = (batch if axis == 0 else size for axis in range(len(spec.shape)))
    return tuple(
        filling if known is None else known
        for known, filling in zip(map(_fixed, spec.shape), free, strict=True)
    )


def _fixed(size: int | str | None) -> int | None:
    """Return a size that the model fixes, be it 0; None where it is free."""
    return size if isinstance(size, int) and size >= 0 else None


def _candidates(specs: Sequence[InputSpec], batch: int) -> Iterator[Candidate]:
    """Yield only candidates that differ in what is fed."""
    open_size = any(_fixed(size) is None for spec in specs for size in spec.shape[1:])
    small = [size for size in _SIZES if _most_elements(specs, batch, size) <= _MOST_ELEMENTS]
    whole = any("int" in spec.type and spec.type != "tensor(uint8)" for spec in specs)
    sizes = (small or _SIZES[-1:]) if open_size else _SIZES[:1]
    bounds = _BOUNDS if whole else _BOUNDS[:1]
    return (Candidate(size=size, bound=bound) for bound, size in itertools.product(bounds, sizes))


def _most_elements(specs: Sequence[InputSpec], batch: int, size: int) -> int:
    return max((math.prod(_shape(spec, batch, size)) for spec in specs), default=0)


def _refuse_fixed_batch(specs: Sequence[InputSpec], batch: int) -> None:
    """Refuse a figure that would carry a batch that was never run; 1 is the default and asks for nothing."""
    firsts = [_fixed(spec.shape[0]) for spec in specs if spec.shape]
    if batch != 1 and None not in firsts and batch not in firsts:
        raise InputsError(
            f"The model takes no batch of {batch}, for no input has a free first dimension. Inputs: "
            f"{_listed(specs)}. Export it with a free one, or leave the batch out."
        )


def _refuse_unknown_types(specs: Sequence[InputSpec]) -> None:
    unknown = [spec for spec in specs if spec.type not in _DTYPES]
    if unknown:
        listed = ", ".join(f"{spec.name!r} is {spec.type}" for spec in unknown)
        raise InputsError(
            f"No feed can be made for this model: {listed}. Feeds are made for tensors of numbers and "
            f"booleans only. {_IN_A_TEST}"
        )


def _refused(specs: Sequence[InputSpec], batch: int, refusals: Sequence[str]) -> str:
    return (
        f"No feed was found that the model accepts. Inputs: {_listed(specs)}. Tried {len(refusals)} feeds "
        f"with batch {batch}, whole numbers below {_BOUNDS[0]} to {_BOUNDS[-1]}, and {min(_SIZES)} to "
        f"{max(_SIZES)} for free dimensions. Give these fixed sizes in the model, or try another batch. "
        f"{_IN_A_TEST} ONNX Runtime said last: {refusals[-1]}"
    )


def _listed(specs: Sequence[InputSpec]) -> str:
    return ", ".join(map(str, specs)) or "none"
