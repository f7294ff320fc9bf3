"""The recipe: how a model is trained."""

from dataclasses import dataclass, field

from pytest_energy.training.losses import CrossEntropy, Loss
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.optimizers import Optimizer, Sgd


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a model is trained.

    Attributes:
        loss: What is minimised.
        optimizer: How parameters follow their gradients.
        frozen: Patterns of names of tensors that are not trained, as the shell has them: ``features.*``.
        clip_norm: Largest norm of all gradients together; None for no limit.
        accumulate: Batches whose gradients are averaged before an update.
        lowering: What the step should be fast on, or run on.
        output: Name of the output to train on; None for the first.
    """

    loss: Loss = field(default_factory=CrossEntropy)
    optimizer: Optimizer = field(default_factory=Sgd)
    frozen: tuple[str, ...] = ()
    clip_norm: float | None = None
    accumulate: int = 1
    lowering: Lowering = Lowering.CPU
    output: str | None = None
