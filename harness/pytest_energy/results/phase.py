"""A phase of a session's start: what happens once, before steps cost what they cost from then on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Creating a session, or its first step of some shapes. Shown, never gated.

    Attributes:
        name: ``session creation`` or ``first run``.
        duration_s: Wall time in s.
        cpu_s: CPU time in s, over all threads.
        energy_j: J, modelled from these times at the pinned powers.
    """

    name: str
    duration_s: float
    cpu_s: float
    energy_j: float
