"""The builder: a process that makes the file of a training step, says what it made, and ends.

Started as ``python -P -m pytest_energy.training.build``, it reads a request, one line of JSON, from stdin. It
prints the description of the step as one line of JSON, or ``{"failed": KIND, "message": TEXT}``.
"""

import json
import sys
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from pytest_energy.errors import HarnessError, ModelError, UsageError
from pytest_energy.training.losses import LOSSES
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.optimizers import OPTIMIZERS
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.step_description import (
    StepDescription,
    StepRequest,
    request_from_json,
    to_json,
)
from pytest_energy.training.step_file import describe, write_step
from pytest_energy.training.training_step import training_step


def main() -> None:
    """Build what is asked for."""
    try:
        print(to_json(build(request_from_json(sys.stdin.readline()))))  # noqa: T201 - the answer
    except HarnessError as error:
        print(json.dumps({"failed": type(error).__name__, "message": str(error)}))  # noqa: T201 - the answer


def build(request: StepRequest) -> StepDescription:
    """Build a training step and write its file.

    Raises:
        ModelError: The model cannot be read, prepared or trained.
        NoGradient: Operators have no rule; all are named.
        UsageError: The request names something that is unknown, or a file that cannot be written.
    """
    step = training_step(read_model(Path(request.model)), recipe_of(request))
    try:
        write_step(step, Path(request.step), None if request.state is None else Path(request.state))
    except OSError as error:
        raise UsageError(f"{request.step} cannot be written: {error.strerror}. Name another file.") from error
    return describe(step)


def read_model(path: Path) -> onnx.ModelProto:
    """Read a model with its external data.

    Raises:
        ModelError: It cannot be read.
    """
    try:
        return onnx.load(path)
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read: {error.strerror}. Check the path.") from error
    except (DecodeError, onnx.checker.ValidationError) as error:
        raise ModelError(f"The model {path} is damaged: {error}. Export or download it again.") from error


def recipe_of(request: StepRequest) -> Recipe:
    """Return the recipe that a request asks for by names.

    Raises:
        UsageError: A name is unknown, or the optimizer has no such hyper-parameter.
    """
    optimizer = _named(OPTIMIZERS, request.optimizer, "optimizer")
    known = optimizer().hyperparameters
    unknown = sorted(set(request.hyperparameters) - set(known))
    if unknown:
        raise UsageError(
            f"The optimizer {request.optimizer} has no {', '.join(unknown)}: it has {', '.join(known)}."
        )
    return Recipe(
        loss=_named(LOSSES, request.loss, "loss"),
        optimizer=optimizer(**request.hyperparameters),
        frozen=request.frozen,
        clip_norm=request.clip_norm,
        accumulate=request.accumulate,
        lowering=_named({each.value: each for each in Lowering}, request.lowering, "lowering"),
        output=request.output,
    )


def _named(table: Any, name: str, kind: str) -> Any:
    if name not in table:
        raise UsageError(f"There is no {kind} {name!r}: there are {', '.join(table)}.")
    return table[name]


if __name__ == "__main__":
    main()
