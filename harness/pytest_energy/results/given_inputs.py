"""Given inputs: what the user says is fed to a model, which always wins over what is derived.

Standard library only: it travels inside a job to a worker that may be another environment's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

DEFAULT_FEEDS = 4
"""What a step costs may depend on the values that it is fed with: so many feeds are cycled by default."""

Like = Literal["normal", "uniform", "integers", "mask", "positions", "permutation", "text", "absent"]
"""Kinds of values that can be asked for by name; see the fills of an input plan."""

Scalar = float | int | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenInput:
    """What is said of one input. None says nothing.

    Attributes:
        name: Name in the model.
        shape: Its shape.
        low: Least value.
        high: Exclusive upper bound; with ``like = "normal"`` the standard deviation.
        values: Its values, repeated to fill the shape.
        like: What kind of values it has.
    """

    name: str
    shape: tuple[int, ...] | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[Scalar, ...] | None = None
    like: Like | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenInputs:
    """What is said of the inputs of a model.

    Attributes:
        feeds: How many feeds are cycled, where values are drawn.
        files: ``.npz`` files, one per feed, each with arrays by the names of inputs.
        function: ``module:function`` that returns one feed or a list of them; None for none.
        folder: The folder that its module lies in.
        inputs: What is said of single inputs.
    """

    feeds: int = DEFAULT_FEEDS
    files: tuple[str, ...] = ()
    function: str | None = None
    folder: str = "."
    inputs: tuple[GivenInput, ...] = ()


NOTHING_GIVEN = GivenInputs()
"""Everything is derived."""


def given_from_plain(plain: Mapping[str, Any]) -> GivenInputs:
    """Rebuild it from what ``dataclasses.asdict`` and JSON made of it."""
    inputs = tuple(
        GivenInput(
            **{
                **each,
                "shape": None if each["shape"] is None else tuple(each["shape"]),
                "values": None if each["values"] is None else tuple(each["values"]),
            }
        )
        for each in plain["inputs"]
    )
    return GivenInputs(**{**plain, "files": tuple(plain["files"]), "inputs": inputs})
