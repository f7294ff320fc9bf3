"""The parent's end of the builder of training steps, which runs in a process of its own: it parses models."""

import json
import os
import subprocess
import sys
from pathlib import Path

from pytest_energy import errors
from pytest_energy.runtime.worker_process import worker_variables
from pytest_energy.training.step_description import (
    StepDescription,
    StepRequest,
    description_from_json,
    to_json,
)
from pytest_energy.workloads.model import require_model

_TIMEOUT_S = 600.0


def build_step(request: StepRequest) -> StepDescription:
    """Build a training step in another process, and return what it wrote.

    Raises:
        ModelError: The model cannot be read, prepared or trained.
        NoGradient: Operators have no gradient rule; all are named.
        UsageError: The request names something that is unknown, or a file that cannot be written.
    """
    require_model(Path(request.model), request.model)
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "pytest_energy.training.build", to_json(request)],
            env=worker_variables(os.environ),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise errors.ModelError(
            f"Building a training step of {request.model} takes longer than {_TIMEOUT_S:g} s. Is the model "
            "that large, or the machine overloaded?"
        ) from None
    return _read(request, ended)


def _read(request: StepRequest, ended: "subprocess.CompletedProcess[bytes]") -> StepDescription:
    lines = ended.stdout.decode(errors="replace").splitlines()
    try:
        answer = json.loads(lines[-1])
    except (IndexError, ValueError):
        last = (ended.stderr.decode(errors="replace").strip().splitlines() or ["it printed nothing"])[-1]
        raise errors.ModelError(
            f"The process that builds a training step of {request.model} ended with exit code "
            f"{ended.returncode}: {last}"
        ) from None
    if "failed" in answer:
        raise getattr(errors, answer["failed"], errors.ModelError)(answer["message"])
    return description_from_json(lines[-1])
