"""The parent's end of a worker: started early, given one job, watched, and killed when it must be."""

import io
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from pytest_energy import errors
from pytest_energy.measurement.reference import one_blas_thread
from pytest_energy.runtime.job import Job, job_to_line

Event = dict[str, Any]

_CHUNK = 1 << 16
_START_TIMEOUT_S = 120.0
# A model file must not set its own threads or turn profiling on.
_UNSET = ("ORT_LOAD_CONFIG_FROM_MODEL",)


class WorkerProcess:
    """One fresh worker. A context manager: the process is gone when the block is left."""

    def __init__(self, timeout_s: float, python: str = sys.executable) -> None:
        """Start the process; it imports what it needs and waits for its job.

        Args:
            timeout_s: The longest silence, in s, before it counts as hanging.
            python: The interpreter to start.
        """
        self._timeout_s = timeout_s
        self._buffer = b""
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            # -P keeps the current folder off the path: a numpy.py there would be imported otherwise.
            [python, "-P", "-m", "pytest_energy.runtime.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=_variables(os.environ),
            start_new_session=True,
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)

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
        self._raise_if_failed(self._next_event(_START_TIMEOUT_S))

    def run(self, job: Job) -> Iterator[Event]:
        """Hand over the job and yield its events; an ``output`` event carries its array under ``array``.

        Raises:
            HarnessError: What the worker found wrong with model, feeds, provider or placement.
            WorkerDied: It crashed, was killed, or was silent for too long.
        """
        self._send(job_to_line(job).encode())
        last = ""
        while last != ("sampled" if job.plan else "done"):
            event = self._next_event(self._timeout_s)
            self._raise_if_failed(event)
            if event["event"] == "output":
                event["array"] = self._read_array(event["bytes"])
            last = event["event"]
            yield event

    def close(self) -> None:
        """Kill the process with all it started, and free what it held."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._stderr):
            if stream is not None:
                _close_quietly(stream)

    @property
    def _stdout(self) -> int:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for as a pipe
        return self._process.stdout.fileno()

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for as a pipe
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise errors.WorkerDied(self._obituary()) from None

    def _next_event(self, timeout_s: float) -> Event:
        while b"\n" not in self._buffer:
            self._read_more(timeout_s)
        line, _, self._buffer = self._buffer.partition(b"\n")
        event: Event = json.loads(line)
        return event

    def _read_array(self, size: int) -> npt.NDArray[Any]:
        while len(self._buffer) < size:
            self._read_more(self._timeout_s)
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        array: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        return array

    def _read_more(self, timeout_s: float) -> None:
        if not self._selector.select(timeout_s):
            self.close()
            raise errors.WorkerDied(
                f"The worker was silent for {timeout_s:g} s and was killed: the model hangs, or one step takes longer "
                "than that. Raise --energy-timeout if it is only slow."
            )
        data = os.read(self._stdout, _CHUNK)
        if not data:
            raise errors.WorkerDied(self._obituary())
        self._buffer += data

    def _raise_if_failed(self, event: Event) -> None:
        if event["event"] == "failed":
            raise getattr(errors, event["kind"])(event["message"])

    def _obituary(self) -> str:
        """Say how the process ended, with the last that it printed."""
        code = self._process.wait()
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()[-3:]
        printed = f" It printed last: {' / '.join(line.strip() for line in lines)}" if lines else ""
        return f"{_cause(code)} The other benchmarks go on.{printed}"


def _cause(code: int) -> str:
    if code == -signal.SIGKILL:
        return (
            "The worker was killed (SIGKILL), most likely by the kernel because memory ran out. Use a smaller batch "
            "or model, or a machine with more memory; `dmesg` tells."
        )
    if code < 0:
        return (
            f"The worker crashed in native code ({signal.Signals(-code).name}): a fault of ONNX Runtime or of the "
            "provider with this model. Try another onnxruntime version, and report it there."
        )
    return f"The worker ended with exit code {code} before it had answered."


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name not in _UNSET}
    return kept | one_blas_thread()


def _close_quietly(stream: Any) -> None:
    try:
        stream.close()
    except BrokenPipeError:  # what was left to write has no reader any more
        return
