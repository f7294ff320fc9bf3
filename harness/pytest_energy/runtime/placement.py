"""Placement as ONNX Runtime assigned it, and the rule that a provider must really have taken the model."""

from collections import Counter
from typing import Any

from pytest_energy.errors import PlacementError
from pytest_energy.providers import ExecutionProvider
from pytest_energy.results.placement import Placement

LEAST_SHARE = 0.9
"""Share of the nodes that the requested provider must have taken."""

_LISTED = 20


def assigned_placement(session: Any, provider: ExecutionProvider) -> Placement:
    """Read which provider each node was assigned to, before fusion."""
    counts: Counter[str] = Counter()
    fallback: list[str] = []
    for subgraph in session.get_provider_graph_assignment_info():
        nodes = subgraph.get_nodes()
        counts[subgraph.ep_name] += len(nodes)
        if subgraph.ep_name != provider.name:
            fallback += [f"{node.op_type} {node.name}".strip() for node in nodes]
    return Placement(
        requested=provider.name, nodes=dict(sorted(counts.items())), fallback=tuple(fallback[:_LISTED])
    )


def require_placement(placement: Placement, least: float = LEAST_SHARE) -> None:
    """Refuse a figure that would carry the wrong provider's name.

    Raises:
        PlacementError: Too many nodes ran elsewhere, or none ran where they were asked to.
    """
    share = placement.share
    if share is None or share >= least:
        return
    taken = placement.nodes.get(placement.requested, 0)
    elsewhere = "; ".join(placement.fallback)
    raise PlacementError(
        f"{placement.requested} took {taken} of {placement.total} nodes ({share:.0%}); at least {least:.0%} "
        f"must run there, or the figure would be another provider's. Nodes elsewhere: {elsewhere}. Benchmark "
        f"the model on the provider that runs it, or replace these operators."
    )
