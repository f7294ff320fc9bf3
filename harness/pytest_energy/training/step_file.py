"""The file of a training step: a model that describes itself, with initial values in it or beside it."""

from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, helper, numpy_helper

from pytest_energy.training.step import TrainingStep
from pytest_energy.training.step_description import METADATA_KEY, StateNames, StepDescription, to_json

LARGEST = 1 << 31
"""Bytes that a protobuf message must stay below."""


def describe(step: TrainingStep) -> StepDescription:
    """Return what is needed to run a step."""
    scalars = {value.dtype.name for value in step.hyperparameters.values()}
    return StepDescription(
        inputs=step.inputs,
        labels=step.labels,
        labels_dtype=helper.tensor_dtype_to_np_dtype(step.target.dtype).name,
        labels_shape=step.target.shape,
        classes=step.target.classes,
        loss=step.loss,
        hyperparameters={name: float(value) for name, value in step.hyperparameters.items()},
        scalar_dtype=min(scalars, default="float32"),
        apply=step.apply,
        accumulate=step.accumulate,
        states=tuple(
            StateNames(input=each.input, output=each.output, of=each.of, elements=int(each.initial.size))
            for each in step.states
        ),
        trained=step.trained,
        frozen=step.frozen,
        copies=step.copies,
        output=step.output,
        notes=step.notes,
    )


def write_step(step: TrainingStep, path: Path, state: Path | None = None) -> None:
    """Write a step.

    Args:
        step: The step.
        path: The ONNX file.
        state: An ``.npz`` for the initial values; None to make them defaults of the inputs in ``path``, so
            that the one file can be run as it is.
    """
    model = ModelProto()
    model.CopyFrom(step.model)
    helper.set_model_props(model, {METADATA_KEY: to_json(describe(step))})
    if state is None:
        model.graph.initializer.extend(
            numpy_helper.from_array(np.asarray(each.initial), each.input) for each in step.states
        )
    else:
        np.savez(state, allow_pickle=False, **{each.input: each.initial for each in step.states})
    is_large = model.ByteSize() >= LARGEST
    onnx.save(model, path, save_as_external_data=is_large, location=f"{path.name}.data" if is_large else None)
