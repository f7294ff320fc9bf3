"""How a run of training went that was made for its own sake, and not measured again and again."""

from dataclasses import dataclass

from pytest_energy.results.placement import Placement
from pytest_energy.results.samples import Signal
from pytest_energy.results.training import TrainingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOfTraining:
    """How one whole run of training went.

    Attributes:
        record: Where it ended, and the losses.
        missed: How far it came, where it has not reached its target; None where it has, or had none.
        duration_s: Wall time from the first batch to the end.
        cpu_s: CPU time meanwhile, over all threads.
        fetch_duration_s: Wall time of these in which batches were made; None where all lay ready.
        fetch_cpu_s: CPU time of that; None likewise.
        signal: What its cost is read from.
        placement: Where ONNX Runtime put the nodes.
        inputs: SHA-256 of the data.
        notes: Sentences that a reader must know.
    """

    record: TrainingRecord
    missed: str | None
    duration_s: float
    cpu_s: float
    signal: Signal
    placement: Placement
    inputs: str
    notes: tuple[str, ...]
    fetch_duration_s: float | None = None
    fetch_cpu_s: float | None = None
