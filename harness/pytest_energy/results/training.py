"""Training settings: how a benchmark trains its model."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Loss = Literal["cross-entropy", "binary-cross-entropy", "mse"]
Optimizer = Literal["sgd", "momentum", "adamw"]
StepLowering = Literal["cpu", "portable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a model is trained, one batch per step.

    Attributes:
        loss: What is minimised.
        optimizer: How parameters follow their gradients.
        hyperparameters: Values that differ from the optimizer's own, by name.
        frozen: Patterns of names of tensors that are not trained.
        clip: Largest norm of all gradients together; None for no limit.
        accumulate: Batches whose gradients are averaged before an update.
        lowering: What the step is to be fast on, or to run on; None for what suits the provider.
        output: Name of the model's output to train on; None for the first.
    """

    loss: Loss = "cross-entropy"
    optimizer: Optimizer = "sgd"
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()
    clip: float | None = None
    accumulate: int = 1
    lowering: StepLowering | None = None
    output: str | None = None

    def __hash__(self) -> int:
        return hash(json.dumps(asdict(self), sort_keys=True))

    @property
    def variant(self) -> str:
        """A short mark of it, safe in a file name: ``train-adamw``, ``train-sgd-mse``.

        Numbers are not part of it: a benchmark with another learning rate is the same one, changed.
        """
        return f"train-{self.optimizer}" + ("" if self.loss == "cross-entropy" else f"-{self.loss}")

    def lowering_for(self, provider: str) -> StepLowering:
        """Return the lowering that a provider gets."""
        return self.lowering or ("cpu" if provider == "cpu" else "portable")
