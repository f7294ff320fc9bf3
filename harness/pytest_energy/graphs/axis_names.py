"""What an axis stands for, by the name that the model gives it and by where it stands."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

from pytest_energy.results.input_plan import Role

_BATCH = re.compile(r"^\w*batch(?:_?size|_?dim|\d+)?$|^bsz?$", re.IGNORECASE)
_LENGTH = re.compile(
    r"seq|length|^len|_len|time|frame|token|step|past|audio|sample|word|char|^[tls]$", re.IGNORECASE
)
_IMAGE = re.compile(r"height|width|^[hw]$|image_?size|rows|cols", re.IGNORECASE)
# What exporters write where the author named nothing, and the keys of axes without a name.
_ANONYMOUS = re.compile(r"\[\d+\]$")
_NAMELESS = re.compile(
    r"^(?:unk_|dim_|\?|dyn|axis|none|-?\d+$|s\d+$|n$|b$)|dynamic_axes|_dim_\d|__\d+$|\[0\]$", re.IGNORECASE
)


def keyed_shape(name: str, shape: Sequence[int | str | None]) -> tuple[int | str, ...]:
    """Give every free axis a key: its name, or ``input[axis]`` where it has none."""
    return tuple(
        known if _is_fixed(known) else known if isinstance(known, str) and known else f"{name}[{axis}]"
        for axis, known in enumerate(shape)
    )


def roles_of(shapes: Iterable[Sequence[int | str]]) -> Mapping[str, Role]:
    """Return what each free axis of some inputs stands for.

    A name that says nothing is the batch where it is the first axis of some input. So is a name that says
    something else, unless another axis is called the batch, or it speaks of a length.

    Args:
        shapes: A size or a key per axis, per input.
    """
    listed = [list(shape) for shape in shapes]
    every = {size for shape in listed for size in shape if isinstance(size, str)}
    first = {shape[0] for shape in listed if shape}
    called = any(_BATCH.search(name) for name in every)
    return {name: _role(name, leads=name in first, called=called) for name in every}


def _is_fixed(size: int | str | None) -> TypeGuard[int]:
    return isinstance(size, int) and size >= 0


def _role(name: str, *, leads: bool, called: bool) -> Role:
    if _BATCH.search(name) or (leads and _NAMELESS.search(name)):
        return "batch"
    if _ANONYMOUS.search(name):
        return "other"
    if _LENGTH.search(name):
        return "length"
    if leads and not called:
        return "batch"
    return "image" if _IMAGE.search(name) else "other"
