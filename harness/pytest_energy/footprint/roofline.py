"""A roofline: the least time and energy that a step could take on an accelerator, by operations and bytes."""

import difflib
from dataclasses import dataclass
from functools import cache

from pytest_energy.errors import ProfileError
from pytest_energy.footprint.shipped import shipped

PRECISIONS = ("float32", "float16", "int8")
"""Number formats whose peaks are known."""

BUSY_SHARE = 0.8
"""Power of a busy accelerator whose utilisation is unknown, as a part of its rated power."""

BAND = (0.82, 2.02)
"""Band of the energy by that rule, as factors: published workloads on accelerators of known rated power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWork:
    """What one step computes and moves.

    Attributes:
        macs: Multiply-accumulates; each is two operations.
        bytes: Bytes that are read and written.
    """

    macs: float
    bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """The peaks of an accelerator.

    Attributes:
        id: That of its power profile.
        name: The device in words.
        rated_w: Rated power in W.
        peak_per_s: Operations per second by precision.
        bytes_per_s: Bytes per second to and from its memory.
        embodied: Id of its embodied emissions; empty where they are unknown.
        source: Who states the peaks.
    """

    id: str
    name: str
    rated_w: float
    peak_per_s: dict[str, float]
    bytes_per_s: float
    embodied: str
    source: str

    def least_s(self, work: StepWork, precision: str) -> float:
        """Return the least time in s for a step: what is slower, computing or moving.

        Williams, Waterman and Patterson 2009, doi:10.1145/1498765.1498785. Starting kernels, copies from and
        to the host, and waiting for the next request all come on top.
        """
        return max(2 * work.macs / self.peak_per_s[precision], work.bytes / self.bytes_per_s)

    def least_j(self, work: StepWork, precision: str) -> float:
        """Return the energy in J of a step in that time, at the power of a busy device."""
        return self.least_s(work, precision) * BUSY_SHARE * self.rated_w


@cache
def accelerators() -> dict[str, Accelerator]:
    """Return every accelerator whose peaks are known, by its id."""
    table = shipped("accelerators.toml")
    return {
        row[0]: Accelerator(
            id=row[0],
            name=row[1],
            rated_w=float(row[2]),
            peak_per_s={kind: peak * 1e12 for kind, peak in zip(PRECISIONS, row[3:6], strict=True)},
            bytes_per_s=row[6] * 1e9,
            embodied=row[7],
            source=f"{table['source']} ({table['year']})",
        )
        for row in table["accelerators"]
    }


def accelerator_named(name: str, others: tuple[str, ...] = ()) -> Accelerator:
    """Return an accelerator by its id.

    Args:
        name: The id, or the beginning of one, such as ``nvidia-h100``.
        others: Ids of what is no accelerator, to be offered too.

    Raises:
        ProfileError: None has that id; the nearest are offered.
    """
    known = accelerators()
    code = name.strip().lower()
    found = known.get(code) or next((one for key, one in known.items() if key.startswith(f"{code}-")), None)
    if found is None:
        near = difflib.get_close_matches(code, [*known, *others], n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise ProfileError(
            f"Neither a power profile nor an accelerator is named {name!r}. {hint}Accelerators whose peaks "
            f"are known: {', '.join(known)}."
        )
    return found
