"""The parent's end of processes that parse models and answer with one line of JSON."""

import json
import os
import subprocess
import sys
from typing import Any

from pytest_energy import errors
from pytest_energy.runtime.worker_process import worker_variables

_TIMEOUT_S = 600.0


def answer_of(module: str, request: str, doing: str) -> dict[str, Any]:
    """Start a module with a request, wait, and return what it answers.

    Args:
        module: Name of the module. It reads one line from stdin, and prints one line of JSON: its answer, or
            ``{"failed": KIND, "message": TEXT}``.
        request: The line.
        doing: What it does, for messages: ``Building a training step of a.onnx``.

    Raises:
        ModelError: It takes too long, or ended without an answer.
        HarnessError: What it found wrong.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=f"{request}\n".encode(),
            env=worker_variables(os.environ),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise errors.ModelError(
            f"{doing} takes longer than {_TIMEOUT_S:g} s. Is the model that large, or the machine overloaded?"
        ) from None
    return _read(ended, doing)


def _read(ended: "subprocess.CompletedProcess[bytes]", doing: str) -> dict[str, Any]:
    lines = ended.stdout.decode(errors="replace").splitlines()
    try:
        answer: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        last = (ended.stderr.decode(errors="replace").strip().splitlines() or ["it printed nothing"])[-1]
        raise errors.ModelError(
            f"{doing} failed: the process for it ended with exit code {ended.returncode}: {last}"
        ) from None
    if "failed" in answer:
        raise getattr(errors, answer["failed"], errors.ModelError)(answer["message"])
    return answer
