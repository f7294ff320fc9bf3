"""Einsum becomes sums, transpositions and one product of matrices per pair, which have gradients."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul
from string import ascii_uppercase

from pytest_energy.errors import NoGradient
from pytest_energy.training.node import Node
from pytest_energy.training.registry import TrainingForm, training_form
from pytest_energy.training.shapes import rank_of, size_at
from pytest_energy.training.tape import Value

_Sizes = Mapping[str, tuple[Value, int]]
"""What holds the size of each axis, by its letter: a tensor that has it, and the axis there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """A tensor, and one letter per axis.

    Attributes:
        value: The tensor.
        letters: Its axes.
        sizes: Where the sizes of its axes are found.
    """

    value: Value
    letters: str
    sizes: _Sizes


@training_form("Einsum")
def einsum(node: Node, _: frozenset[str]) -> TrainingForm:
    """``y[out] = sum(a[...] b[...] ...)``, two at a time.

    Letters of a pair are those of the batch (in both, and needed later), summed over (in both, and not
    needed), or in one only: ``[batch, left, sum] [batch, sum, right] = [batch, left, right]``.
    """
    inputs, output = _equation(node)
    terms = [
        _Term(
            value=node.input(index),
            letters=letters,
            sizes={each: (node.input(index), axis) for axis, each in enumerate(letters)},
        )
        for index, letters in enumerate(inputs)
    ]
    result, rest = terms[0], terms[1:]
    while rest:
        needed = set(output).union(*(each.letters for each in rest[1:]))
        result, rest = _product(result, rest[0], needed), rest[1:]
    return TrainingForm(outputs=[_ordered(_summed(result, set(output)), output).value])


def _equation(node: Node) -> tuple[list[str], str]:
    """Return the letters of each input and of the output, capitals standing for an ellipsis.

    Raises:
        NoGradient: A letter stands twice in one input, or an ellipsis is broadcast.
    """
    text = node.attribute("equation").decode().replace(" ", "")
    left, arrow, output = text.partition("->")
    inputs = left.split(",")
    if not arrow:
        letters = left.replace(",", "").replace(".", "")
        output = "..." * ("..." in left) + "".join(
            sorted(each for each in set(letters) if letters.count(each) == 1)
        )
    if any(len(set(each.replace("...", ""))) < len(each.replace("...", "")) for each in inputs):
        raise NoGradient(f"Einsum {node.name!r} takes a diagonal ({text}), which has no gradient here.")
    widths = [
        rank_of(node.input(index), "Einsum") - len(each.replace("...", ""))
        for index, each in enumerate(inputs)
        if "..." in each
    ]
    if len(set(widths)) > 1 or _names_capitals(node, text):
        raise NoGradient(f"Einsum {node.name!r} broadcasts ({text}), which has no gradient here.")
    more = ascii_uppercase[: widths[0]] if widths else ""
    return [each.replace("...", more) for each in inputs], output.replace("...", more)


def _names_capitals(node: Node, text: str) -> bool:
    return "..." in text and any(each in ascii_uppercase for each in node.attribute("equation").decode())


def _summed(term: _Term, needed: set[str]) -> _Term:
    """Sum over letters that nothing else needs."""
    axes = [axis for axis, each in enumerate(term.letters) if each not in needed]
    if not axes:
        return term
    kept = "".join(each for each in term.letters if each in needed)
    return _Term(
        value=term.value.tape.ReduceSum(term.value, axes, keepdims=0), letters=kept, sizes=term.sizes
    )


def _ordered(term: _Term, letters: str) -> _Term:
    """Transpose a tensor so that its axes stand in a given order."""
    if term.letters == letters:
        return term
    order = [term.letters.index(each) for each in letters]
    return _Term(value=term.value.tape.Transpose(term.value, perm=order), letters=letters, sizes=term.sizes)


def _product(a: _Term, b: _Term, needed: set[str]) -> _Term:
    a, b = _summed(a, needed | set(b.letters)), _summed(b, needed | set(a.letters))
    both = [each for each in a.letters if each in b.letters]
    batch = "".join(each for each in both if each in needed)
    summed = "".join(each for each in both if each not in needed)
    left = "".join(each for each in a.letters if each not in both)
    right = "".join(each for each in b.letters if each not in both)
    op, sizes = a.value.tape, {**b.sizes, **a.sizes}
    first = _folded(_ordered(a, batch + left + summed), (batch, left, summed))
    second = _folded(_ordered(b, batch + summed + right), (batch, summed, right))
    letters = batch + left + right
    made = op.MatMul(first, second)
    return _Term(value=op.Reshape(made, _shape([*letters], sizes)), letters=letters, sizes=sizes)


def _folded(term: _Term, groups: Sequence[str]) -> Value:
    """Make each group of axes one axis."""
    if all(len(each) == 1 for each in groups):
        return term.value
    op = term.value.tape
    return op.Reshape(term.value, _shape(groups, term.sizes))


def _shape(groups: Sequence[str], sizes: _Sizes) -> Value:
    """Return a shape of one size per group; one of them may be left to Reshape."""
    known = [_known(group, sizes) for group in groups]
    unknown = [index for index, size in enumerate(known) if size is None]
    tape = next(iter(sizes.values()))[0].tape
    if len(unknown) <= 1 and 0 not in known:
        return tape.ints([-1 if size is None else size for size in known])
    parts = [
        _size(group, sizes) if size is None else tape.ints([size])
        for group, size in zip(groups, known, strict=True)
    ]
    return parts[0] if len(parts) == 1 else tape.call("Concat", *parts, axis=0)


def _known(group: str, sizes: _Sizes) -> int | None:
    found = [size_at(*sizes[each]) for each in group]
    return math.prod(size or 0 for size in found) if None not in found else None


def _size(group: str, sizes: _Sizes) -> Value:
    """Multiply the sizes of a group when it runs."""
    parts = [
        value.tape.Slice(value.tape.Shape(value), [axis], [axis + 1])
        for value, axis in (sizes[each] for each in group)
    ]
    return reduce(mul, parts)
