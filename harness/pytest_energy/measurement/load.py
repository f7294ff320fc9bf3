"""Loads: a number of CPUs kept busy by processes of their own, while something else is read."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self

from pytest_energy.errors import WorkerDied
from pytest_energy.measurement.reference import one_blas_thread

LoadKind = Literal["compute", "memory"]
"""What keeps a CPU busy: a matrix product, or a copy of more memory than caches hold."""


class Loads(Protocol):
    """Keeps CPUs busy."""

    def start(self, kind: LoadKind, count: int, seconds: float) -> None:
        """Keep so many CPUs busy from now on, for so many seconds.

        Raises:
            WorkerDied: One of the processes did not begin.
        """

    def finish(self) -> float:
        """Wait for the end, and return CPU-seconds per second of all together.

        Raises:
            WorkerDied: One of the processes failed.
        """


@dataclass(slots=True, kw_only=True)
class LoadProcesses:
    """Loads in processes, each on one CPU. A context manager, which kills what still runs.

    Attributes:
        cpus: The CPUs to use, one per physical core.
    """

    cpus: Sequence[int]
    _running: list[subprocess.Popen[str]] = field(default_factory=list, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.kill()
            process.communicate()
        self._running.clear()

    def start(self, kind: LoadKind, count: int, seconds: float) -> None:
        """Start so many processes, and wait until all of them work."""
        with ExitStack() as undo:
            undo.callback(self.__exit__)
            self._running += [_process(kind, seconds, cpu) for cpu in self.cpus[:count]]
            for process in self._running:
                if _line(process) != "begun":
                    raise WorkerDied(f"A load process did not begin: {_complaint(process)}")
            undo.pop_all()

    def finish(self) -> float:
        """Read what each has done."""
        busy = 0.0
        for process in self._running:
            words = _line(process).split()
            if len(words) != 2 or process.wait() != 0:  # noqa: PLR2004 - CPU time and time
                raise WorkerDied(f"A load process did not end well: {_complaint(process)}")
            busy += float(words[0]) / float(words[1])
        self.__exit__()
        return busy


def one_cpu_per_core(root: Path = Path("/")) -> tuple[int, ...]:
    """Return the first CPU of each physical core that this process may use; every CPU where none tells.

    Args:
        root: Where ``sys`` is mounted; another folder in tests.
    """
    usable = (
        sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    )
    first: dict[str, int] = {}
    for cpu in usable:
        path = root / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
        try:
            siblings = path.read_text(encoding="ascii").strip()
        except OSError:
            siblings = str(cpu)
        first.setdefault(siblings, cpu)
    return tuple(first.values())


def _process(kind: LoadKind, seconds: float, cpu: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest_energy.measurement.load_process", kind, f"{seconds:g}", str(cpu)]
    return subprocess.Popen(
        command,
        env=os.environ | one_blas_thread(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # noqa: S101 - it was asked for as a pipe
    return process.stdout.readline().strip()


def _complaint(process: subprocess.Popen[str]) -> str:
    process.kill()
    lines = process.communicate()[1].strip().splitlines()
    return lines[-1] if lines else f"it ended with {process.returncode}."
