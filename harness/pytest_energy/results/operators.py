"""Operators: how the time of a step is shared out among the nodes of a model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorShare:
    """One node, as it ran: after optimisation and fusion.

    Attributes:
        name: Its name; nodes of one kind in the branches or the body of another node may share one.
        op_type: Its operator, e.g. ``Conv``.
        provider: ONNX Runtime's name of the execution provider that ran it.
        share: Its own share of the time of all nodes, 0 to 1; what runs inside it is not counted twice.
    """

    name: str
    op_type: str
    provider: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorProfile:
    """The nodes of a model with their shares of a step.

    Shares are of time on the host: of a device that works on its own, they show no more than the launching.

    Attributes:
        operators: One record per node in the order in which they run; their shares sum to 1. Empty where
            nothing was told.
    """

    operators: tuple[OperatorShare, ...] = ()
