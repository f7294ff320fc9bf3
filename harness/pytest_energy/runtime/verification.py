"""Verification: a short session of its own tells where the nodes of a model really run."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy.typing as npt

from pytest_energy.measurement.clock import Clock
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.factors import Factors
from pytest_energy.results.placement import Placement
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runtime.agreement import agreement, is_quantized, require_agreement
from pytest_energy.runtime.binding import Bound
from pytest_energy.runtime.device_memory import DeviceMemory
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.loaded import Loaded, factors_of, found_provider, load, with_one_feed
from pytest_energy.runtime.log_line import logged_nodes, reasons
from pytest_energy.runtime.operators import TypicalStep, read_events, run_profiled_steps, typical_step
from pytest_energy.runtime.placement import (
    Findings,
    assigned_nodes,
    nodes_elsewhere,
    require_placement,
    verified_placement,
)
from pytest_energy.runtime.runtime_errors import explained
from pytest_energy.runtime.session import opened
from pytest_energy.runtime.training_binding import losses
from pytest_energy.workloads.synthesis import Feeds

_COMPARED_STEPS = 4

_TIME_S = 0.1
"""What the profiled steps may take: shares need no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A subject whose placement is known.

    Attributes:
        loaded: The subject.
        placement: Where the nodes run.
        factors: All that could change the figure, save for the model's hash.
        agreement: How far its outputs are from the CPU provider's; None where that was not looked at.
    """

    loaded: Loaded
    placement: Placement
    factors: Factors
    agreement: Agreement | None = None


def announced(loaded: Loaded) -> Placed:
    """Take the word of ONNX Runtime for where nodes are, which of WebGPU in 1.27 is wrong."""
    placement = loaded.assigned
    elsewhere = nodes_elsewhere(assigned_nodes(loaded.session), placement.requested)
    return Placed(loaded=loaded, placement=placement, factors=factors_of(loaded, placement, elsewhere))


def verify(
    subject: Subject, seed: int, clock: Clock, on_step: Callable[[int], object] = lambda _: None
) -> Placed:
    """Find out from every source where the nodes ran, and whether they computed what they should.

    Args:
        subject: What to run, and how much of it must run where it is asked to.
        seed: Seed of the feeds.
        clock: Tells when enough steps were run.
        on_step: Called with the number of each step that was done.

    Raises:
        PlacementError: Too much ran elsewhere.
        AgreementError: The outputs are not those of the CPU provider.
        ModelError, InputsError, ProviderUnavailable, ProviderOptionError: As their names say.
    """
    with tempfile.TemporaryDirectory(prefix="pytest-energy-") as folder:
        prefix = os.path.join(folder, "profile")  # noqa: PTH118 - ONNX Runtime takes text
        loaded = load(with_one_feed(subject), seed, clock, prefix)
        step = _profiled_step(loaded, clock, on_step)
    requested = loaded.found.provider.name
    findings = _findings(loaded, step)
    placement = verified_placement(findings, requested, waits=_waits(loaded))
    require_placement(placement, subject.least_share)
    elsewhere = nodes_elsewhere(findings.nodes, requested)
    return Placed(
        loaded=loaded,
        placement=placement,
        factors=factors_of(loaded, placement, elsewhere),
        agreement=compared_with_cpu(loaded),
    )


def compared_with_cpu(loaded: Loaded) -> Agreement | None:
    """Run the CPU provider on the same feeds, and compare what both computed.

    Args:
        loaded: A subject whose first step was run.

    Returns:
        The output that came nearest to its tolerance; None where comparing is off, or nothing is comparable.

    Raises:
        AgreementError: An output deviates by more than its tolerance.
        ModelError: The CPU provider cannot run the model.
    """
    subject, bound = loaded.subject, loaded.cycle.bounds[0]
    if subject.agreement == "off":
        return None
    session_settings = SessionSettings(optimization=subject.session.optimization)
    other = replace(subject, provider="cpu", library=None, session=session_settings)
    session, _ = opened(other, found_provider(other))
    with explained(f"The model {subject.model} does not run on the CPU provider, which it is compared with"):
        expected = _expected(session, subject, bound.feeds)
    found = agreement(
        _computed(loaded),
        expected,
        tolerance=subject.agreement,
        quantized=is_quantized(node.op_type for node in assigned_nodes(session)),
    )
    require_agreement(found, loaded.found.provider.name)
    return found


def _computed(loaded: Loaded) -> Mapping[str, npt.NDArray[Any]]:
    """Return outputs of a step; of training the losses of several, for gradients show in the later ones."""
    subject, bound = loaded.subject, loaded.cycle.bounds[0]
    if subject.step is None:
        return bound.outputs()
    return losses(loaded.session, bound.feeds, subject.step, loaded.memory, _COMPARED_STEPS)


def _expected(session: Any, subject: Subject, feeds: Feeds) -> Mapping[str, npt.NDArray[Any]]:
    """Return what the CPU provider makes of the same feeds."""
    if subject.step is not None:
        return losses(session, feeds, subject.step, DeviceMemory(), _COMPARED_STEPS)
    reference = Bound(session, feeds)
    reference.step()()
    return reference.outputs()


def _profiled_step(loaded: Loaded, clock: Clock, on_step: Callable[[int], object]) -> TypicalStep:
    with explained(f"The model {loaded.subject.model} loads but cannot be profiled"):
        nodes = loaded.assigned.total
        steps = run_profiled_steps(loaded.step.run, nodes, clock, on_step, time_s=_TIME_S)
        return typical_step(read_events(loaded.session.end_profiling()), steps)


def _findings(loaded: Loaded, step: TypicalStep) -> Findings:
    provider = loaded.found.provider
    assigned = assigned_nodes(loaded.session)
    about = [provider.name, provider.short, *([provider.plugin.package] if provider.plugin else [])]
    fallen = [node.name for node in assigned if node.provider != provider.name]
    return Findings(
        assigned=assigned,
        step=step,
        logged=logged_nodes(loaded.log),
        reasons=reasons(loaded.log, about, fallen) if fallen else (),
    )


def _waits(loaded: Loaded) -> bool:
    """Whether the host waits for each node: whether the provider computes on the processor."""
    provider = loaded.found.provider
    if provider.device != "any":
        return provider.device == "cpu"
    return loaded.device.name is None
