"""Placement: which nodes really ran where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Source = Literal["assignment", "log", "profile"]
"""Who says where nodes ran: what ONNX Runtime assigned, what it logged, and what a profile timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the nodes of a model ran.

    Attributes:
        requested: ONNX Runtime's name of the provider that was asked for.
        nodes: Nodes by provider: as ONNX Runtime assigned them or, where that was disputed, as they ran.
        fallback: ``op_type name`` of nodes that another provider took, at most twenty of them.
        time_share: Share of a step's time on the requested provider; None where it was not profiled.
        partitions: Runs of consecutive nodes on it; None where it was not profiled.
        memcpy: Copies between providers that ONNX Runtime put in; None where it was not profiled.
        reasons: Why nodes fell back, in the words of ONNX Runtime or the provider.
        sources: Who was asked.
        disputed: How the sources contradict each other; None where they agree.
    """

    requested: str
    nodes: Mapping[str, int] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    time_share: float | None = None
    partitions: int | None = None
    memcpy: int | None = None
    reasons: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    disputed: str | None = None

    @property
    def total(self) -> int:
        """Nodes in all; 0 where ONNX Runtime did not tell."""
        return sum(self.nodes.values())

    @property
    def taken(self) -> int:
        """Nodes on the requested provider."""
        return self.nodes.get(self.requested, 0)

    @property
    def share(self) -> float | None:
        """Share of the nodes that ran where they were asked to; None where it is unknown."""
        return self.taken / self.total if self.total else None
