"""Training settings: how a benchmark trains its model."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal, Self

Loss = Literal["cross-entropy", "binary-cross-entropy", "mse"]
Optimizer = Literal["sgd", "momentum", "adamw"]
StepLowering = Literal["cpu", "portable"]
Ending = Literal["target", "patience", "end"]
"""Why a run of training was over: the target was reached, nothing got better, or all was done."""

SHUFFLE_WITHOUT_RUN = (
    "shuffle is for whole runs of training, and here a step is one batch. Say when a run ends, with epochs, "
    "steps, target or patience, or take shuffle out."
)
"""What is said where rows are to be shuffled for a benchmark that is no run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a model is trained: one batch per step, or a whole run where an end is given.

    Attributes:
        loss: What is minimised.
        optimizer: How parameters follow their gradients.
        hyperparameters: Values that differ from the optimizer's own, by name.
        frozen: Patterns of names of tensors that are not trained.
        clip: Largest norm of all gradients together; None for no limit.
        accumulate: Batches whose gradients are averaged before an update.
        lowering: What the step is to be fast on, or to run on; None for what suits the provider.
        output: Name of the model's output to train on; None for the first.
        steps: Batches of a run; None for no such end.
        epochs: Passes over all batches of a run; None for no such end.
        target: A run ends when the mean loss of a pass is below it; None for no target.
        patience: A run ends after so many passes without a lower mean loss; None for no such end.
        shuffle: Whether a run takes the rows of its data in a new order in each pass.
    """

    loss: Loss = "cross-entropy"
    optimizer: Optimizer = "sgd"
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()
    clip: float | None = None
    accumulate: int = 1
    lowering: StepLowering | None = None
    output: str | None = None
    steps: int | None = None
    epochs: int | None = None
    target: float | None = None
    patience: int | None = None
    shuffle: bool = False

    def __hash__(self) -> int:
        return hash(json.dumps(asdict(self), sort_keys=True))

    @property
    def variant(self) -> str:
        """A short mark of it, safe in a file name: ``train-adamw``, ``train-sgd-mse``.

        Numbers are not part of it: a benchmark with another learning rate is the same one, changed.
        """
        loss = "" if self.loss == "cross-entropy" else f"-{self.loss}"
        return f"train-{self.optimizer}{loss}{self.end}"

    @property
    def end(self) -> str:
        """A short mark of where a whole run ends, safe in a file name; empty for one batch."""
        steps = "" if self.steps is None else f"-{self.steps}steps"
        epochs = "" if self.epochs is None else f"-{self.epochs}epochs"
        target = "" if self.target is None else f"-to{self.target:g}"
        patience = "" if self.patience is None else f"-patience{self.patience}"
        return f"{steps}{epochs}{target}{patience}"

    @property
    def is_run(self) -> bool:
        """Whether what is measured is a whole run, and not one batch."""
        return (self.steps, self.epochs, self.target, self.patience) != (None,) * 4

    @property
    def of_one_batch(self) -> Self:
        """The same training, one batch at a time."""
        return replace(self, steps=None, epochs=None, target=None, patience=None, shuffle=False)

    def lowering_for(self, provider: str) -> StepLowering:
        """Return the lowering that a provider gets."""
        return self.lowering or ("cpu" if provider == "cpu" else "portable")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingProgress:
    """How far a run of training has come.

    Attributes:
        epoch: Number of the pass over all batches that runs, or has just ended, from 1.
        epochs: The most that there will be; None where only a target or patience ends the run.
        share: How much of this pass is done, 1 at its end.
        loss: Mean loss of the last pass that has ended; None while the first one runs.
    """

    epoch: int
    epochs: int | None
    share: float
    loss: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPipelineCost:
    """What making the batches took of a whole run: fetching each, and writing it into the bound memory.

    It is a part of what the run took, and never gated apart from it.

    Attributes:
        cpu_s: CPU time of a run in s, over all threads meanwhile, per process.
        duration_s: Wall time of a run in s, per process.
        cpu_share: Part of the CPU time of the whole run, from 0 to 1.
        duration_share: Part of its wall time.
        energy_j: Joules of a run, by the same powers as those of the whole run.
    """

    cpu_s: tuple[float, ...]
    duration_s: tuple[float, ...]
    cpu_share: float
    duration_share: float
    energy_j: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """How a whole run of training went; the same in every process that computes alike.

    Attributes:
        batches: Batches until its end.
        ending: Why it was over.
        losses: Mean loss of each pass over all batches.
        pipeline: What making the batches took; None where all were bound before, or nothing was measured.
    """

    batches: int
    ending: Ending
    losses: tuple[float, ...]
    pipeline: InputPipelineCost | None = None
