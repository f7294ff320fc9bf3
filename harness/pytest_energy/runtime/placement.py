"""Placement as ONNX Runtime tells it, and the rule that a provider must really have run the model."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from pytest_energy.errors import PlacementError
from pytest_energy.results.factors import MOST_ELSEWHERE
from pytest_energy.results.placement import Placement, Source
from pytest_energy.runtime.operators import TypicalStep

_LISTED = 20
_COPIES = ("MemcpyToHost", "MemcpyFromHost")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenNode:
    """One node, and who took it.

    Attributes:
        provider: ONNX Runtime's name of the provider.
        op_type: Its operator.
        name: Its name; may be empty.
    """

    provider: str
    op_type: str
    name: str

    @property
    def shown(self) -> str:
        """Operator and name."""
        return f"{self.op_type} {self.name}".strip()


def assigned_nodes(session: Any) -> tuple[TakenNode, ...]:
    """Return the provider that each node was assigned to, before fusion."""
    return tuple(
        TakenNode(provider=subgraph.ep_name, op_type=node.op_type, name=node.name)
        for subgraph in session.get_provider_graph_assignment_info()
        for node in subgraph.get_nodes()
    )


def profiled_nodes(step: TypicalStep) -> tuple[TakenNode, ...]:
    """Return the provider that each node ran on, after fusion; copies that ONNX Runtime put in are none."""
    return tuple(
        TakenNode(provider=provider, op_type=op_type, name=name)
        for name, op_type, provider in step.nodes
        if op_type not in _COPIES
    )


def assigned_placement(session: Any, requested: str) -> Placement:
    """Say where the nodes were assigned to."""
    return replace(placement_of(assigned_nodes(session), requested), sources=("assignment",))


def placement_of(nodes: Iterable[TakenNode], requested: str) -> Placement:
    """Count nodes by provider, and list some of those elsewhere."""
    listed = list(nodes)
    counts = Counter(node.provider for node in listed)
    elsewhere = [node.shown for node in listed if node.provider != requested]
    return Placement(
        requested=requested, nodes=dict(sorted(counts.items())), fallback=tuple(elsewhere[:_LISTED])
    )


def nodes_elsewhere(nodes: Iterable[TakenNode], requested: str) -> tuple[str, ...]:
    """Name the nodes that others took, as the factors hold them."""
    elsewhere = [f"{node.provider} {node.shown}" for node in nodes if node.provider != requested]
    return tuple(elsewhere[:MOST_ELSEWHERE])


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What each source says of one session.

    Attributes:
        assigned: Nodes as ONNX Runtime assigned them, before fusion.
        step: A typical step of the profile, after fusion.
        logged: Nodes per provider that the log tells of, after fusion; empty where it tells nothing.
        reasons: Lines of the log that say why nodes fell back.
    """

    assigned: tuple[TakenNode, ...]
    step: TypicalStep
    logged: Mapping[str, int]
    reasons: tuple[str, ...] = ()

    @property
    def ran(self) -> tuple[TakenNode, ...]:
        """Nodes as they ran."""
        return profiled_nodes(self.step)

    @property
    def disputed(self) -> str | None:
        """How what was assigned contradicts what ran; None where both agree.

        Fusion makes nodes fewer, and layout changes or copies make some more. Neither moves all nodes of a
        provider to another, nor doubles their number: then the assignment is wrong, as WebGPU's in 1.27.
        """
        assigned, ran = _counted(self.assigned), _counted(self.ran)
        if not ran or (assigned.keys() == ran.keys() and 2 * assigned.total() >= ran.total()):
            return None
        return f"ONNX Runtime says that it assigned {_words(assigned)}, but what ran is {_words(ran)}"

    @property
    def sources(self) -> tuple[Source, ...]:
        """Who had something to say."""
        spoke: dict[Source, bool] = {
            "assignment": bool(self.assigned),
            "log": bool(self.logged),
            "profile": bool(self.step.nodes),
        }
        return tuple(source for source, said in spoke.items() if said)

    @property
    def nodes(self) -> tuple[TakenNode, ...]:
        """The nodes as they are to be counted: as the model has them, unless that is disputed."""
        return self.ran if self.disputed or not self.assigned else self.assigned


def verified_placement(findings: Findings, requested: str, *, waits: bool) -> Placement:
    """Say where nodes ran from all that is known of it. What was timed beats what was announced.

    Args:
        findings: What the sources say.
        requested: ONNX Runtime's name of the provider that was asked for.
        waits: Whether the host waits for each node, as on the processor. Of a device that works on its own,
            the host sees the launching only.
    """
    step, ran = findings.step, findings.ran
    return replace(
        placement_of(findings.nodes, requested),
        time_share=_time_share(step, requested, waits=waits),
        partitions=sum(on_it for on_it, _ in groupby(node.provider == requested for node in ran))
        if ran
        else None,
        memcpy=sum(op_type in _COPIES for _, op_type, _ in step.nodes) if ran else None,
        reasons=findings.reasons,
        sources=findings.sources,
        disputed=findings.disputed,
    )


def _time_share(step: TypicalStep, requested: str, *, waits: bool) -> float | None:
    """Return the share of a step's time on a provider.

    A provider on the processor is timed node by node. A device works on while the host goes ahead, so that
    its nodes seem short; what is not spent on other providers until the outputs have arrived is its own.
    """
    own = sum(time for (_, _, provider), time in step.nodes.items() if provider == requested)
    others = sum(step.nodes.values()) - own
    whole = own + others
    if not whole:
        return None
    if waits or not own:
        return own / whole
    return 1 - others / max(whole, step.run_us)


def _counted(nodes: Iterable[TakenNode]) -> Counter[str]:
    return Counter(node.provider for node in nodes)


def _words(counts: Counter[str]) -> str:
    return " and ".join(f"{count} to {name}" for name, count in sorted(counts.items())) or "nothing"


def require_claimed(placement: Placement, why: Iterable[str] = ()) -> None:
    """Refuse a provider that took nothing, also where it lists itself.

    Raises:
        PlacementError: It took no node of a model that has some.
    """
    if placement.total and not placement.taken:
        said = "; ".join([*placement.reasons, *why])
        raise PlacementError(
            f"{placement.requested} took none of {placement.total} nodes{_all_on(placement)}, although it is "
            f"listed by the session. {f'It said: {said}. ' if said else ''}Benchmark the model on the "
            "provider that runs it, or replace the operators that this one lacks."
        )


def require_placement(placement: Placement, least: float) -> None:
    """Refuse a figure that would carry the wrong provider's name.

    Args:
        placement: Where nodes ran.
        least: Least share of the time on the provider, of its nodes where time is unknown; 1 asks for every
            node as well.

    Raises:
        PlacementError: Too much ran elsewhere, or nothing ran where it was asked to.
    """
    require_claimed(placement)
    share = placement.share if placement.time_share is None else placement.time_share
    if share is None or (share >= least and (least < 1 or placement.share == 1)):
        return
    of_time = "" if placement.time_share is None else f"{placement.time_share:.0%} of the time and "
    elsewhere = "; ".join(placement.fallback)
    why = f" It said: {'; '.join(placement.reasons)}." if placement.reasons else ""
    raise PlacementError(
        f"{placement.requested} took {of_time}{placement.taken} of {placement.total} nodes; "
        f"{_demand(least)} must run there, or the figure would be another provider's. Nodes elsewhere: "
        f"{elsewhere}.{why} Benchmark the model on the provider that runs it, replace these operators, or "
        'allow it with placement = "any".'
    )


def require_unchanged(before: Placement, session: Any) -> None:
    """Refuse samples of a session that was rebuilt on other providers while it was measured.

    Raises:
        PlacementError: Providers or assignments are not what they were.
    """
    after = assigned_placement(session, before.requested)
    if after.nodes != before.nodes or before.requested not in session.get_providers():
        raise PlacementError(
            f"Nodes moved while they were measured: {dict(before.nodes)} became {dict(after.nodes)} on "
            f"{', '.join(session.get_providers())}. ONNX Runtime rebuilt the session after a fault; run the "
            "model by itself to see which."
        )


def _demand(least: float) -> str:
    return "all" if least == 1 else f"at least {least:.0%} of the time"


def _all_on(placement: Placement) -> str:
    return f" ({', '.join(f'{name} {count}' for name, count in placement.nodes.items())})"
