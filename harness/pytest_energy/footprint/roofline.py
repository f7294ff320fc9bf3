"""A roofline: the least time that a step could take on an accelerator, by its operations and bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pytest_energy.footprint.shipped import shipped

PRECISIONS = ("float32", "float16", "int8")
"""Number formats whose peaks are known."""


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
class Peaks:
    """What an accelerator can do at most.

    Attributes:
        operations_per_s: Operations per second by precision.
        bytes_per_s: Bytes per second to and from its memory.
        embodied: Id of its embodied emissions; empty where they are unknown.
        source: Who states the peaks.
    """

    operations_per_s: Mapping[str, float]
    bytes_per_s: float
    embodied: str
    source: str

    def least_s(self, work: StepWork, precision: str) -> float:
        """Return the least time in s for a step: what is slower, computing or moving.

        Williams, Waterman and Patterson 2009, doi:10.1145/1498765.1498785. Starting kernels, copies from and
        to the host, and waiting for the next request all come on top.
        """
        return max(2 * work.macs / self.operations_per_s[precision], work.bytes / self.bytes_per_s)


@cache
def peaks() -> Mapping[str, Peaks]:
    """Return the peaks of every accelerator for which they are known, by the id of its power profile."""
    table = shipped("accelerators.toml")
    return {
        name: Peaks(
            operations_per_s={kind: peak * 1e12 for kind, peak in zip(PRECISIONS, tera, strict=True)},
            bytes_per_s=giga * 1e9,
            embodied=embodied,
            source=f"{table['source']} ({table['year']})",
        )
        for name, *tera, giga, embodied in table["accelerators"]
    }
