"""The parent's end of a worker: started early, given one job, watched, and killed when it must be."""

import io
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt

from pytest_energy import errors
from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.measurement.reference import one_blas_thread
from pytest_energy.runtime.huge_pages import with_huge_pages
from pytest_energy.runtime.job import Job, job_to_line
from pytest_energy.runtime.limits import Limits, memory_fault
from pytest_energy.runtime.telemetry import WITHOUT_TELEMETRY

Event = dict[str, Any]

_CHUNK = 1 << 16
_START_TIMEOUT_S = 120.0
_END_TIMEOUT_S = 10.0
_LAST_BYTES = 4096
_LOOK_S = 0.25
# What a worker must not inherit, by the first letters: a model file may not set its own threads, and what
# traces, debugs or warns in pytest's process would be billed to the model.
_UNSET = (
    "ORT_LOAD_CONFIG_FROM_MODEL",
    "COVERAGE_PROCESS_",
    "COV_CORE_",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "PYTHONMALLOC",
    "PYTHONTRACEMALLOC",
    "PYTHONWARNINGS",
)


class WorkerProcess:
    """One fresh worker. A context manager: the process is gone when the block is left."""

    def __init__(
        self,
        limits: Limits,
        python: str = sys.executable,
        only_path: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Start the process; it imports what it needs and waits for its job.

        Args:
            limits: What it may take before it is killed.
            python: The interpreter to start.
            only_path: The folder that alone is on its PYTHONPATH; None for the folders that the parent has.
            clock: Reads wall time; the system's by default.
        """
        self._limits = limits
        self._clock = clock or SystemClock()
        self._end_s = math.inf
        self._buffer = bytearray()
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        # Events have a pipe of their own: stdout is for whatever a library prints.
        self._events, answers = os.pipe()
        try:
            self._process = subprocess.Popen(
                # -P keeps the current folder off the path: a numpy.py there would be imported otherwise.
                [python, "-P", "-m", "pytest_energy.runtime.worker", str(answers), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=self._printed,
                stderr=subprocess.STDOUT,
                env=worker_variables(os.environ, only_path),
                pass_fds=[answers],
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._events)
            self._printed.close()
            raise errors.WorkerDied(
                f"No worker can be started with {python}: {error.strerror}. It must be a Python interpreter."
            ) from error
        finally:
            os.close(answers)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._events, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait_until_ready(self) -> None:
        """Wait until the process has imported ONNX Runtime.

        Raises:
            ProviderUnavailable: There is no ONNX Runtime.
            WorkerDied: It ended, or stayed silent for two minutes.
        """
        _raise_if_failed(self._next_event(_START_TIMEOUT_S, _SLOW_START))

    def run(self, job: Job) -> Iterator[Event]:
        """Hand over the job and yield its events; an ``output`` event carries its array under ``array``.

        Raises:
            HarnessError: What the worker found wrong with model, feeds, provider or placement.
            WorkerDied: It crashed, was killed, or took more time or memory than it may.
        """
        self._end_s = self._now_s() + self._limits.total_s
        self._send(job_to_line(job).encode())
        last = ""
        while last != ("sampled" if job.plan and not job.profile else "done"):
            event = self._next_event(self._limits.silence_s, _SLOW_STEP)
            _raise_if_failed(event)
            if event["event"] == "output":
                event["array"] = self._read_array(event["bytes"])
            last = event["event"]
            yield event

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def reply(self, line: str) -> None:
        """Answer a worker that waits for its turn.

        Raises:
            WorkerDied: It has ended.
        """
        self._send(line.encode())

    def close(self) -> None:
        """Kill the process with all it started, and free what it held."""
        self._kill()
        if self._selector.get_map() is None:
            return
        self._selector.close()
        os.close(self._events)
        self._printed.close()
        with suppress(BrokenPipeError):  # what was left to write has no reader any more
            self._stdin.close()

    def _kill(self) -> int:
        """Kill the process if it still runs, and return its exit code."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):  # it ended in this very moment
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for as a pipe
        return self._process.stdin

    def _send(self, data: bytes) -> None:
        try:
            self._stdin.write(data)
            self._stdin.flush()
        except BrokenPipeError:
            raise errors.WorkerDied(self._obituary()) from None

    def _next_event(self, timeout_s: float, hint: str) -> Event:
        while b"\n" not in self._buffer:
            self._read_more(timeout_s, hint)
        line, _, self._buffer = self._buffer.partition(b"\n")
        return _event_from_line(bytes(line))

    def _read_array(self, size: int) -> npt.NDArray[Any]:
        while len(self._buffer) < size:
            self._read_more(self._limits.silence_s, _SLOW_STEP)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        array: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        return array

    def _read_more(self, timeout_s: float, hint: str) -> None:
        started_s = self._now_s()
        # Looking costs 30 us on a CPU that a measurement may need: four times a second is seldom enough.
        while not self._selector.select(min(timeout_s, _LOOK_S)):
            if self._now_s() - started_s >= timeout_s:
                raise self._killed(f"was silent for {timeout_s:g} s", hint)
            self._require_limits()
        self._require_limits()
        data = os.read(self._events, _CHUNK)
        if not data:
            raise errors.WorkerDied(self._obituary())
        self._buffer += data

    def _require_limits(self) -> None:
        """Kill the process if it takes more than it may.

        Raises:
            WorkerDied: It did.
        """
        if fault := memory_fault(self._process.pid, self._limits):
            raise self._killed("outgrew its memory", fault)
        if self._now_s() > self._end_s:
            raise self._killed(f"was not done after {self._limits.total_s:g} s", _TOO_LONG)

    def _killed(self, why: str, hint: str) -> errors.WorkerDied:
        self._kill()
        return errors.WorkerDied(f"The worker {why} and was killed: {hint}")

    def _now_s(self) -> float:
        return self._clock.read().wall_s

    def _obituary(self) -> str:
        """Say how the process ended, with the last that it printed."""
        try:
            cause = _cause(self._process.wait(_END_TIMEOUT_S))
        except subprocess.TimeoutExpired:
            self._kill()
            cause = "The worker stopped answering without ending, and was killed."
        size = self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, size - _LAST_BYTES))
        lines = self._printed.read().decode(errors="replace").strip().splitlines()[-3:]
        printed = f" It printed last: {' / '.join(line.strip() for line in lines)}" if lines else ""
        return f"{cause} The other benchmarks go on.{printed}"


_SLOW_START = (
    "the import of onnxruntime hangs, or the machine is overloaded. Try `python -c 'import onnxruntime'`."
)
_TOO_LONG = (
    "it sent signs of life, but did not come to an end. Raise --energy-timeout, of which this is ten times, "
    "if the model is only slow."
)
_SLOW_STEP = "the model hangs, or one step takes longer than that. Raise --energy-timeout if it is only slow."


def _event_from_line(line: bytes) -> Event:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if isinstance(event, dict) and isinstance(event.get("event"), str):
        return event
    raise errors.WorkerDied(
        f"The worker answered with what is no event: {line[:80]!r}. Its interpreter may hold another version "
        "of pytest-energy: install the same one there."
    )


def without_name(event: Event) -> dict[str, Any]:
    """Return what an event tells, without what kind of event it is."""
    return {name: value for name, value in event.items() if name != "event"}


def _raise_if_failed(event: Event) -> None:
    if event["event"] == "failed":
        raise getattr(errors, event["kind"], errors.WorkerDied)(event["message"])


def _cause(code: int) -> str:
    if code == -signal.SIGKILL:
        return (
            "The worker was killed (SIGKILL), most likely by the kernel because memory ran out. Use a "
            "smaller batch or model, or a machine with more memory; `dmesg` tells."
        )
    if code < 0:
        return (
            f"The worker crashed in native code ({signal.Signals(-code).name}): a fault of ONNX Runtime or "
            "of the provider with this model. Try another onnxruntime version, and report it there."
        )
    return f"The worker ended with exit code {code} before it had answered."


def worker_variables(environ: Mapping[str, str], only_path: Path | None = None) -> dict[str, str]:
    """Return the environment variables of a worker: the parent's, without what would change the figure.

    Args:
        environ: The parent's variables.
        only_path: The folder that alone is on its PYTHONPATH, for an interpreter that is not the parent's;
            None for one that is.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith(_UNSET)}
    if only_path is not None:
        kept.pop("PYTHONHOME", None)
        kept["PYTHONPATH"] = str(only_path)
    return with_huge_pages(kept | one_blas_thread() | WITHOUT_TELEMETRY)
