"""The parent's end of the process that reads a model's graph: started, awaited, and killed when it hangs.

Nothing that a damaged or hostile model does there can hurt this process, which parses none itself.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from pytest_energy.errors import ModelError
from pytest_energy.results.inspection import Inspection, inspection_from_plain
from pytest_energy.runtime.worker_process import worker_variables

TIMEOUT_S = 60.0
"""The longest time that reading a graph may take, in s; a model of 2 GB takes less than 2."""

_REMEMBERED = 64


def read_graph(model: Path, batch: int, timeout_s: float = TIMEOUT_S) -> Inspection:
    """Read a model's graph in a process of its own.

    A file that has not changed since is not read again, be it readable or not.

    Args:
        model: Path of the model.
        batch: The size of batch axes.
        timeout_s: Time in s after which the process is killed.

    Raises:
        ModelError: The graph cannot be read; ONNX Runtime may load the model all the same.
    """
    try:
        status = model.stat()
    except OSError as error:
        raise ModelError(
            f"The model {model} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from error
    found = _read(str(model), batch, timeout_s, (status.st_mtime_ns, status.st_size, status.st_ino))
    if isinstance(found, str):
        raise ModelError(found)
    return found


@lru_cache(maxsize=_REMEMBERED)
def _read(model: str, batch: int, timeout_s: float, _stamp: tuple[int, ...]) -> Inspection | str:
    """Return what the graph says, or why it cannot be read: every look at a model asks for it again."""
    try:
        return _understood(model, _answer(model, batch, timeout_s))
    except ModelError as error:
        return str(error)


def _understood(model: str, answer: bytes) -> Inspection:
    try:
        found = json.loads(answer.splitlines()[-1])
        if "fault" in found:
            raise ModelError(f"The graph of the model {model} cannot be read: {found['fault']}.")
        return inspection_from_plain(found["inspection"])
    except (ValueError, LookupError, TypeError) as error:
        raise ModelError(
            f"The graph of the model {model} cannot be read: its reader answered {answer[-80:]!r}."
        ) from error


def _answer(model: str, batch: int, timeout_s: float) -> bytes:
    process = subprocess.Popen(
        # -P keeps the current folder off the path: an onnx.py there would be imported otherwise.
        [sys.executable, "-P", "-m", "pytest_energy.graphs.reader", model, str(batch), f"{timeout_s:.0f}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=worker_variables(os.environ),
        start_new_session=True,
    )
    try:
        answer, complaint = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"Reading the graph of the model {model} took longer than {timeout_s:g} s and was stopped."
        ) from None
    finally:
        _end(process)
    if process.returncode:
        raise ModelError(
            f"The graph of the model {model} cannot be read: {_ending(process.returncode, complaint)}."
        )
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):  # it ended in this very moment
            os.killpg(process.pid, signal.SIGKILL)
    with process:  # closes the pipes and reaps it
        pass


def _ending(code: int, complaint: bytes) -> str:
    if code < 0:
        return f"its reader was ended by {signal.Signals(-code).name}"
    lines = complaint.decode(errors="replace").strip().splitlines()
    return f"its reader ended with exit code {code}: {lines[-1] if lines else 'it printed nothing'}"
