"""Fuzzing: damaged, rewired and inflated models go through the code that a benchmark runs.

    python tests/benchmarks/fuzz_models.py --count 20000 --seed 0

This process does what pytest's does: it hashes each model, hands it to workers, understands what they answer,
and prints what is wrong. It must not crash nor hang. The children are the real worker and the real reader of
graphs, but take many models each, and are started again when one of them has killed them.
"""

import argparse
import json
import os
import random
import re
import signal
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import model_mutations

from pytest_energy.errors import HarnessError, WorkerDied
from pytest_energy.reports.escaping import for_markdown, for_terminal
from pytest_energy.results.inspection import inspection_from_plain
from pytest_energy.runtime.job import Job, Subject
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.model import read_model_hash

LIMITS = Limits(silence_s=1.0, memory_bytes=3 << 29)
HANG_S = 150.0  # starting a worker may take two minutes on a machine that is overloaded

# The worker, but for its end: it takes one job after the other, and reads the graph of each model first.
CHILD = """\
#!{python}
import os, sys
from dataclasses import asdict, replace
from pathlib import Path

from pytest_energy.graphs import reader
from pytest_energy.runtime import worker
from pytest_energy.runtime.job import job_from_line
from pytest_energy.runtime.session import opened

channel = worker.Channel(int(sys.argv[-2]))
worker._die_with(int(sys.argv[-1]))
worker._die_first()
channel.send("ready")
for line in sys.stdin:
    job = job_from_line(line)
    (subject,) = job.subjects
    try:
        found = reader.read(Path(subject.model), subject.batch)
    except Exception as error:  # the real reader's exit code says as much to its parent
        channel.send("graph", fault=str(error) or type(error).__name__)
    else:
        channel.send("graph", inspection=asdict(found))
        subject = replace(subject, inputs=found.plan)
    worker._run(replace(job, subjects=(subject,)), channel)
"""


class Hang(Exception):
    """This process did not come to an end."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise Hang in this process after some time."""

    def ring(number: int, frame: FrameType | None) -> None:
        where = f"line {frame.f_lineno} of {frame.f_code.co_filename}" if frame else "an unknown place"
        raise Hang(f"{signal.Signals(number).name}: still at {where}")

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


class Fuzzer:
    """Hands models to children, and counts what happens."""

    def __init__(self, folder: Path) -> None:
        self.outcomes: Counter[str] = Counter()
        self.deaths: Counter[str] = Counter()
        self.faults: list[str] = []
        self._folder = folder
        self._child = folder / "child"
        self._child.write_text(CHILD.format(python=sys.executable), encoding="utf-8")
        self._child.chmod(0o755)
        self._worker: WorkerProcess | None = None

    def try_model(self, what: str, data: bytes) -> None:
        """Do with one model what pytest does, and count how it ended."""
        path = self._folder / "model.onnx"
        path.write_bytes(data)
        try:
            with alarm(HANG_S):
                self.outcomes[self._outcome(path)] += 1
        except Hang as error:
            self._fault("hang", what, data, error)
        except Exception as error:  # noqa: BLE001 - whatever is not foreseen is what is looked for
            self._fault("crash", what, data, error)

    def close(self) -> None:
        """End the child."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _outcome(self, path: Path) -> str:
        try:
            read_model_hash(path)
            graph = self._run(path)
        except WorkerDied as error:
            self.deaths[_how(str(error))] += 1
            self._require_readable(error)
            self.close()
            return "killed its child"
        except HarnessError as error:
            self._require_readable(error)
            return f"refused: {type(error).__name__}"
        return f"ran ({graph})"

    def _run(self, path: Path) -> str:
        if self._worker is None:
            self._worker = WorkerProcess(LIMITS, python=str(self._child))
            self._worker.wait_until_ready()
        subject = Subject(model=str(path), provider="cpu", batch=1, threads=1)
        graph = "graph read"
        for event in self._worker.run(Job(subjects=(subject,), plan=None, outputs=True)):
            if event["event"] == "graph" and "inspection" in event:
                inspection_from_plain(json.loads(json.dumps(event["inspection"])))
            elif event["event"] == "graph":
                graph = "graph not read"
        return graph

    @staticmethod
    def _require_readable(error: HarnessError) -> None:
        """See that a message can be printed anywhere, and is no novel."""
        message = str(error)
        shown = for_terminal(message) + for_markdown(message)
        if not shown.isprintable() or not message.strip() or "Traceback" in message:
            raise AssertionError(f"unreadable: {message[:500]!r}")

    def _fault(self, kind: str, what: str, data: bytes, error: BaseException) -> None:
        kept = Path(tempfile.gettempdir()) / f"fuzz-{kind}-{abs(hash(data)):x}.onnx"
        kept.write_bytes(data)
        self.faults.append(f"{kind} after {what}: {type(error).__name__}: {error} ({kept})")
        self.close()


_DEATHS = {
    "outgrew its memory": "outgrew its memory",
    "was silent": "never ended",
    "not done after": "never ended",
    "exit code": "exit code",
}


def _how(message: str) -> str:
    """Return in short how a child ended."""
    signals = re.search(r"SIG[A-Z]+", message)
    known = (kind for words, kind in _DEATHS.items() if words in message)
    return next(known, signals[0] if signals else "otherwise")


def fuzz(count: int, seed: int, tell: Callable[[int, Fuzzer], object] = lambda *_: None) -> Fuzzer:
    """Try so many models, and return what happened."""
    draw = random.Random(seed)  # noqa: S311 - the same models each time, no secret
    with tempfile.TemporaryDirectory(prefix="fuzz-models-") as folder:
        fuzzer = Fuzzer(Path(folder))
        try:
            for number, (what, data) in zip(range(count), model_mutations.mutants(draw), strict=False):
                fuzzer.try_model(what, data)
                tell(number, fuzzer)
        finally:
            fuzzer.close()
    return fuzzer


def main() -> int:
    """Print the table; the exit code is 1 where this process crashed or hung."""
    parser = argparse.ArgumentParser(description=textwrap.shorten(__doc__ or "", 80))
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    started = time.monotonic()

    def show(number: int, fuzzer: Fuzzer) -> None:
        if number % 1000 == 0:
            print(number, dict(fuzzer.deaths), file=sys.stderr, flush=True)

    fuzzer = fuzz(arguments.count, arguments.seed, show)
    print(f"inputs                        {sum(fuzzer.outcomes.values()) + len(fuzzer.faults):>7}")
    print(f"crashes or hangs of pytest    {len(fuzzer.faults):>7}")
    for name, times in fuzzer.outcomes.most_common():
        print(f"  {name:<28}{times:>7}")
    print("children that were killed, or died")
    for name, times in fuzzer.deaths.most_common():
        print(f"  {name:<28}{times:>7}")
    print(f"seed {arguments.seed}, {time.monotonic() - started:.0f} s, {os.cpu_count()} CPUs")
    for fault in fuzzer.faults:
        print(fault)
    return 1 if fuzzer.faults else 0


if __name__ == "__main__":
    sys.exit(main())
