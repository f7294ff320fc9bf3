"""Agreement: how far what a provider computed is from what the CPU provider computes of the same feeds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The output that came nearest to its tolerance.

    Attributes:
        output: Its name.
        deviation: Its largest deviation, as a fraction of the largest entry by magnitude.
        tolerance: How much was allowed.
        outputs: How many outputs were compared.
    """

    output: str
    deviation: float
    tolerance: float
    outputs: int
