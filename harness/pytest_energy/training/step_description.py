"""What is to be built, and what was: records that travel as JSON, for processes that know no ONNX."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

METADATA_KEY = "pytest_energy.training_step"
"""Key of the metadata of a step's file under which its description stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequest:
    """What a training step is to be.

    Attributes:
        model: Path of the inference model.
        step: Path of the file to write.
        state: Path of an ``.npz`` to write initial values to; None to keep them in the step's file.
        loss: Name of the loss.
        optimizer: Name of the optimizer.
        hyperparameters: Values that differ from the optimizer's own.
        frozen: Patterns of names of tensors that are not trained.
        clip_norm: Largest norm of all gradients together; None for no limit.
        accumulate: Batches whose gradients are averaged before an update.
        lowering: What the step should be fast on, or run on: ``cpu`` or ``portable``.
        output: Name of the output to train on; None for the first.
    """

    model: str
    step: str
    state: str | None = None
    loss: str = "cross-entropy"
    optimizer: str = "sgd"
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()
    clip_norm: float | None = None
    accumulate: int = 1
    lowering: str = "cpu"
    output: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNames:
    """A tensor that goes from step to step: what is bound to ``output`` is the next step's ``input``.

    Attributes:
        input: Name of the input.
        output: Name of the output.
        of: Name of the model's own tensor that it is; None for what belongs to the optimizer.
        elements: How many numbers it holds.
    """

    input: str
    output: str
    of: str | None
    elements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A constant that an exporter had merged with others, and that trains apart.

    Attributes:
        name: Its name in the training step.
        node_output: First output of the node that uses it.
        index: Which input of that node it is.
    """

    name: str
    node_output: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDescription:
    """What is needed to run a training step.

    Attributes:
        inputs: Names of the model's own inputs.
        labels: Name of the input for labels.
        labels_dtype: Their element type, as numpy names it.
        labels_shape: Their shape: a size, a symbol, or None per dimension.
        classes: Exclusive upper bound of labels that are class indices; None for numbers.
        loss: Name of the output that is the mean loss of the batch, before the update.
        hyperparameters: Names of scalar inputs, and their values.
        scalar_dtype: Their element type, as numpy names it.
        apply: Name of the boolean input that says whether this step updates; None where every step does.
        accumulate: Batches whose gradients are averaged before an update.
        states: What goes from step to step.
        trained: Names of the tensors that are trained.
        frozen: Names of those that a pattern excluded.
        copies: Constants that train apart though the model holds them once.
        output: Name of the tensor that the loss is taken of.
        notes: What a user should know.
    """

    inputs: tuple[str, ...]
    labels: str
    labels_dtype: str
    labels_shape: tuple[int | str | None, ...]
    classes: int | None
    loss: str
    hyperparameters: Mapping[str, float]
    scalar_dtype: str
    apply: str | None
    accumulate: int
    states: tuple[StateNames, ...]
    trained: tuple[str, ...]
    frozen: tuple[str, ...]
    copies: tuple[Copied, ...]
    output: str
    notes: tuple[str, ...]


def to_json(record: StepRequest | StepDescription) -> str:
    """Write a record as one line of JSON."""
    return json.dumps(asdict(record), sort_keys=True)


def request_from_json(line: str) -> StepRequest:
    """Read what ``to_json`` wrote."""
    fields: dict[str, Any] = json.loads(line)
    return StepRequest(**fields | {"frozen": tuple(fields["frozen"])})


def description_from_json(line: str) -> StepDescription:
    """Read what ``to_json`` wrote."""
    return description_from_plain(json.loads(line))


def description_from_plain(plain: Mapping[str, Any]) -> StepDescription:
    """Rebuild it from what ``dataclasses.asdict`` and JSON made of it."""
    fields = dict(plain)
    for name in ("inputs", "labels_shape", "trained", "frozen", "notes"):
        fields[name] = tuple(fields[name])
    fields["states"] = tuple(StateNames(**each) for each in fields["states"])
    fields["copies"] = tuple(Copied(**each) for each in fields["copies"])
    return StepDescription(**fields)
