"""The parent's end of the builder of training steps, which runs in a process of its own: it parses models."""

from pathlib import Path

from pytest_energy.runtime.onnx_process import answer_of
from pytest_energy.training.step_description import (
    StepDescription,
    StepRequest,
    description_from_plain,
    to_json,
)
from pytest_energy.workloads.model import require_model


def build_step(request: StepRequest) -> StepDescription:
    """Build a training step in another process, and return what it wrote.

    Raises:
        ModelError: The model cannot be read, prepared or trained.
        NoGradient: Operators have no gradient rule; all are named.
        UsageError: The request names something that is unknown, or a file that cannot be written.
    """
    require_model(Path(request.model), request.model)
    doing = f"Building a training step of {request.model}"
    return description_from_plain(answer_of("pytest_energy.training.build", to_json(request), doing))
