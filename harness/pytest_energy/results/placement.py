"""Placement: which nodes really ran where."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the nodes of a model ran.

    Attributes:
        requested: ONNX Runtime's name of the provider that was asked for.
        nodes: Nodes by provider, as ONNX Runtime assigned them.
        fallback: ``op_type name`` of nodes that another provider took, at most twenty of them.
    """

    requested: str
    nodes: Mapping[str, int] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Nodes in all; 0 where ONNX Runtime did not tell."""
        return sum(self.nodes.values())

    @property
    def share(self) -> float | None:
        """Share of the nodes that ran where they were asked to; None where it is unknown."""
        return self.nodes.get(self.requested, 0) / self.total if self.total else None
