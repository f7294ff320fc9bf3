"""Factors: everything recorded that could change the figure, save the machine itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from pytest_energy.results.samples import Signal


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
        placement: Nodes per execution provider as ``CPUExecutionProvider:12``, empty where unknown.
        signal: What the cost is read from: ``cpu`` time, or wall time of a ``device`` that was waited for.
        threads: Intra-op threads.
        spinning: Whether threads spin while they wait.
        graph_optimization: ONNX Runtime's level of graph optimisation.
        huge_pages: When Linux gives huge pages to who asks, as workers do; None where that is unknown.
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
    placement: str = ""
    signal: Signal = "cpu"
    threads: int = 1
    spinning: bool = False
    graph_optimization: str | None = None
    huge_pages: str | None = None
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
    """Name every factor that differs, in the order in which they are declared."""
    old, new = dict(_flat(before)), dict(_flat(after))
    return tuple(
        FactorChange(name=name, before=old.get(name, ""), after=new.get(name, ""))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "")
    )


def _flat(factors: Factors) -> Iterator[tuple[str, str]]:
    for each in fields(factors):
        value = getattr(factors, each.name)
        if each.name == "variables":
            yield from ((f"variables.{key}", value[key]) for key in sorted(value))
        else:
            yield each.name, "" if value is None else str(value)
