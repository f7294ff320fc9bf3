"""A training step as a record: the graph, and what is needed to run it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import ModelProto

from pytest_energy.training.losses import Target
from pytest_energy.training.step_description import Copied

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A tensor that a step reads and writes anew: bound to two buffers that swap roles, it is never copied.

    Attributes:
        input: Name of the input.
        output: Name of the output that is the next step's input.
        initial: Value before the first step.
        of: Name of the model's own tensor that it is; None for what only the optimizer knows.
    """

    input: str
    output: str
    initial: Array
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStep:
    """A training step, and what is needed to run it.

    Attributes:
        model: The graph: inputs, labels, hyper-parameters and states in; loss and new states out.
        inputs: Names of the model's own inputs.
        labels: Name of the input for labels.
        target: What the loss wants as labels.
        loss: Name of the output that is the mean loss of the batch, before the update.
        hyperparameters: Names of scalar inputs, and their values.
        apply: Name of the boolean input that says whether this step updates, where gradients are
            accumulated; None where every step does.
        accumulate: Batches whose gradients are averaged before an update.
        states: What goes from step to step.
        trained: Names of the tensors that are trained.
        frozen: Names of those that a pattern excluded.
        copies: Constants that train apart though the model holds them once.
        output: Name of the tensor that the loss is taken of.
        notes: What a user should know.
    """

    model: ModelProto
    inputs: tuple[str, ...]
    labels: str
    target: Target
    loss: str
    hyperparameters: Mapping[str, Array]
    apply: str | None
    accumulate: int
    states: tuple[State, ...]
    trained: tuple[str, ...]
    frozen: tuple[str, ...]
    copies: tuple[Copied, ...]
    output: str
    notes: tuple[str, ...]
