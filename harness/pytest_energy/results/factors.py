"""Factors: everything recorded that could change the figure, save the machine itself."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from pytest_energy.results.samples import Signal

MOST_ELSEWHERE = 64
"""Nodes on other providers that are remembered by name. As many may stand for more."""

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What could change the figure. Two runs with equal factors differ by noise or by the machine only.

    Attributes:
        model: SHA-256 of the model's bytes; None for a callable.
        inputs: SHA-256 of names, dtypes, shapes and values of the feeds; None for a callable.
        python: Version of the interpreter that ran the steps.
        numpy: Version of numpy.
        onnxruntime: Version of ONNX Runtime; None where it took no part.
        onnxruntime_build: Its build information; None where it took no part.
        reference: The reference work and the BLAS that runs it.
        provider: ONNX Runtime's name of the execution provider.
        provider_version: Version of the plugin that brings it, as it says itself; None where it is built in.
        provider_options: Options that it was given.
        device: What it computes on, as far as that can be told; None where it is the processor.
        software_device: Whether that device is a program that pretends to be one; None where it is unknown.
        placement: Nodes per execution provider as ``CPUExecutionProvider:12``, empty where unknown.
        memory: Memory of the device that inputs and outputs lie in; None where they lie on the host.
        signal: What the cost is read from: ``cpu`` time, or wall time of a ``device`` that was waited for.
        elsewhere: Nodes that other providers took, as ``CPUExecutionProvider Gelu name``; some of many.
        threads: Intra-op threads.
        spinning: Whether threads spin while they wait.
        graph_optimization: ONNX Runtime's level of graph optimisation.
        huge_pages: When Linux gives huge pages to who asks, as workers do; None where that is unknown.
        memory_pattern: Whether ONNX Runtime plans all allocations of a step at once.
        session: Further configuration entries of the session.
        training: How the model is trained, each setting as text; empty where it is not.
        variables: ``ORT_*``, ``OMP_*``, ``OPENBLAS_*`` variables that the worker saw.
    """

    model: str | None = None
    inputs: str | None = None
    python: str
    numpy: str
    onnxruntime: str | None = None
    onnxruntime_build: str | None = None
    reference: str
    provider: str | None = None
    provider_version: str | None = None
    provider_options: Mapping[str, str] = field(default_factory=dict)
    device: str | None = None
    software_device: bool | None = None
    placement: str = ""
    memory: str | None = None
    signal: Signal = "cpu"
    elsewhere: tuple[str, ...] = ()
    threads: int = 1
    spinning: bool = False
    graph_optimization: str | None = None
    huge_pages: str | None = None
    memory_pattern: bool = True
    session: Mapping[str, str] = field(default_factory=dict)
    training: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChange:
    """One factor that differs between a baseline and now.

    Attributes:
        name: The factor, or ``variables.NAME``.
        before: Its value in the baseline, as text; empty where it was absent.
        after: Its value now.
    """

    name: str
    before: str
    after: str


def changes(before: Factors, after: Factors) -> tuple[FactorChange, ...]:
    """Name every factor that differs, in the order in which they are declared; nodes that moved come last."""
    old, new = dict(_flat(before)), dict(_flat(after))
    differing = (
        FactorChange(name=name, before=old.get(name, ""), after=new.get(name, ""))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "")
    )
    return (*differing, *_moved_nodes(before, after))


def _flat(factors: Factors) -> Iterator[tuple[str, str]]:
    for each in fields(factors):
        value = getattr(factors, each.name)
        if isinstance(value, Mapping):
            yield from ((f"{each.name}.{key}", value[key]) for key in sorted(value))
        elif each.name != "elsewhere":  # told node by node
            yield each.name, "" if value is None else str(value)


def _moved_nodes(before: Factors, after: Factors) -> Iterator[FactorChange]:
    """Name the nodes that moved off the requested provider, or back to it.

    Of a model that changed itself it is not known where its nodes were: what they moved from stays empty.
    """
    if max(len(before.elsewhere), len(after.elsewhere)) >= MOST_ELSEWHERE:
        return  # the count in the placement tells of them
    there = _short(after.provider or "") if before.model == after.model else ""
    for provider, nodes in _by_provider(before.elsewhere, after.elsewhere):
        yield FactorChange(name=nodes, before=there, after=_short(provider))
    for provider, nodes in _by_provider(after.elsewhere, before.elsewhere):
        yield FactorChange(name=nodes, before=_short(provider), after=there)


def _by_provider(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each provider that took nodes which it had not, with their names."""
    taken: dict[str, list[str]] = defaultdict(list)
    for entry in dict.fromkeys(new):
        if entry not in old:
            provider, _, node = entry.partition(" ")
            taken[provider].append(node)
    for provider, names in taken.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        noun = "node" if len(names) == 1 else "nodes"
        yield provider, f"{len(names)} {noun} ({', '.join(names[:_NAMED])}{more})"


def _short(provider: str) -> str:
    return provider.removesuffix("ExecutionProvider")
