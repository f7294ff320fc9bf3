"""A built training step: where its files lie, and what is needed to run it; and what feeds it takes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pytest_energy.results.input_plan import Fill, FreeSize, InputPlan, PlannedInput
from pytest_energy.results.training import Training
from pytest_energy.training.step_description import StepDescription, description_from_json
from pytest_energy.workloads.described_plan import InputSpec

_TYPES = {"float32": "float", "float64": "double"}  # what ONNX Runtime calls otherwise than numpy
_FROM_0_TO_1 = Fill(kind="uniform", low=0.0, high=1.0, sure=True)
_BATCH = "batch of the training step"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltStep:
    """A training step on the disk.

    Attributes:
        graph: Path of the graph.
        state: Path of an ``.npz`` with the initial value of every state.
        training: How the model is trained.
        lowering: What it was built for.
        build_s: How long building it took, in s.
        description: What is needed to run it.
    """

    graph: str
    state: str
    training: Training
    lowering: str
    build_s: float
    description: StepDescription

    @property
    def pinned_batch(self) -> str | None:
        """Symbol of the batch where a session must know its size; None where it stays free.

        Accelerators compile a graph for the sizes that they are told: OpenVINO 2025.4 has no gradient of
        convolutions for a batch that it does not know.
        """
        first = self.description.labels_shape[0] if self.description.labels_shape else None
        return first if self.lowering == "portable" and isinstance(first, str) else None


def built_from_plain(plain: Mapping[str, Any]) -> BuiltStep:
    """Rebuild it from what ``dataclasses.asdict`` and JSON made of it."""
    training = Training(**{**plain["training"], "frozen": tuple(plain["training"]["frozen"])})
    description = description_from_json(json.dumps(plain["description"]))
    return BuiltStep(**{**plain, "training": training, "description": description})


def fed(session: Any, built: BuiltStep) -> list[InputSpec]:
    """Return the inputs that take feeds: the model's own, and labels."""
    names = {*built.description.inputs, built.description.labels}
    return [
        InputSpec(name=each.name, type=each.type, shape=tuple(each.shape))
        for each in session.get_inputs()
        if each.name in names
    ]


def plan_with_labels(plan: InputPlan, built: BuiltStep, specs: Sequence[InputSpec]) -> InputPlan:
    """Return the plan of a model's inputs with labels beside them, and the batch that the step sets free.

    Args:
        plan: The plan of the inference model.
        built: The step.
        specs: What the step's session says of its inputs.
    """
    free = {each.name for each in specs if each.shape and _is_free(each.shape[0], plan.batch)}
    inputs = tuple(_freed(each, plan.batch) if each.name in free else each for each in plan.inputs)
    keys = {each.key for each in plan.sizes}
    own = FreeSize(key=_BATCH, candidates=(plan.batch,), role="batch", reason="the step sets it free")
    labels = _labels(built, keys)
    uses = any(_BATCH in each.shape for each in (*inputs, labels))
    return replace(
        plan, inputs=(*inputs, labels), sizes=(*plan.sizes, own) if uses else plan.sizes, states=()
    )


def batches_of(arrays: Mapping[str, Any], batch: int) -> list[dict[str, Any]]:
    """Split rows of data into batches; what is left over is left out. One batch or less stays as it is."""
    rows = {len(each) for each in arrays.values() if isinstance(each, np.ndarray) and each.ndim}
    if len(rows) != 1 or (count := rows.pop()) <= batch:
        return [dict(arrays)]
    return [
        {
            name: each[first : first + batch] if isinstance(each, np.ndarray) and each.ndim else each
            for name, each in arrays.items()
        }
        for first in range(0, count - batch + 1, batch)
    ]


def settings_of(built: BuiltStep) -> dict[str, str]:
    """Return what could change the cost of a step, each as text, for the factors."""
    step = built.description
    values = {name: f"{value:g}" for name, value in sorted(step.hyperparameters.items())}
    return {
        "loss": built.training.loss,
        "optimizer": built.training.optimizer,
        "clip": "none" if built.training.clip is None else f"{built.training.clip:g}",
        "accumulate": str(step.accumulate),
        "lowering": built.lowering,
        "trained": f"{len(step.trained)} tensors",
        "frozen": f"{len(step.frozen)} tensors",
        "output": step.output,
    } | values


def _is_free(size: int | str | None, batch: int) -> bool:
    """Whether a first dimension takes the batch: it is open, or a session was told its size."""
    return not isinstance(size, int) or size == batch


def _freed(planned: PlannedInput, batch: int) -> PlannedInput:
    """Let an input that was exported with a fixed batch take the one that is asked for."""
    if not planned.shape or not isinstance(planned.shape[0], int) or planned.shape[0] == batch:
        return planned
    return replace(planned, shape=(_BATCH, *planned.shape[1:]))


def _labels(built: BuiltStep, keys: set[str]) -> PlannedInput:
    step = built.description
    if step.classes is not None:
        fill = Fill(kind="integers", low=0, high=step.classes, sure=True)
    elif step.labels_dtype.startswith("int"):
        fill = Fill(kind="integers", low=0)
    else:
        is_binary = built.training.loss == "binary-cross-entropy"
        fill = _FROM_0_TO_1 if is_binary else Fill(kind="normal", sure=True)
    kind = _TYPES.get(step.labels_dtype, step.labels_dtype)
    shape = tuple(size if isinstance(size, int) or size in keys else _BATCH for size in step.labels_shape)
    return PlannedInput(
        name=step.labels,
        type=f"tensor({kind})",
        shape=shape,
        fill=fill,
        reason=f"labels of {built.training.loss}",
    )
