"""A process that plans and feeds models whose paths come on stdin, and tells as a line of JSON how each went.

Many models share one process here, as they never do when they are measured. Only a crash in native code ends
it, and ``trials`` starts another for what is left.
"""

import json
import os
import resource
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import onnxruntime

from pytest_energy.errors import HarnessError
from pytest_energy.graphs.reader import read
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.results.given_inputs import GivenInputs
from pytest_energy.runtime.cycle import find_cycle
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.runtime_errors import runtime_errors

LONGEST_S = 60.0
ROOM_BYTES = 6 << 30
"""What a model may take of the address space; guessed sizes of a thousand by a thousand ask for more."""


def trials(models: Iterable[Path]) -> Iterator[dict[str, object]]:
    """Yield how each model went: ``finite``, ``not finite``, ``refused``, ``unloadable``, ``crashed``."""
    process = _started()
    for model in models:
        answer = _asked(process, model)
        if answer is None:
            process.kill()
            process.wait()
            process = _started()
        yield {"model": str(model), **(answer or {"outcome": "crashed", "said": "", "tries": 0})}
    process.stdin.close()
    process.wait()
    process.stdout.close()


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _asked(process: subprocess.Popen[str], model: Path) -> dict[str, object] | None:
    try:
        process.stdin.write(f"{model}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    ready, _, _ = select.select([process.stdout], [], [], LONGEST_S)
    line = process.stdout.readline() if ready else ""
    return json.loads(line) if line else None


def _tried(path: Path) -> dict[str, object]:
    times = [time.perf_counter()]
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except runtime_errors() as error:
        return {"outcome": "unloadable", "said": str(error)}
    times.append(time.perf_counter())
    try:
        plan = read(path, 1).plan
    except (ValueError, OSError) as error:
        return {"outcome": "refused", "said": f"its graph cannot be read: {error}"}
    times.append(time.perf_counter())
    subject = Subject(
        model=str(path), provider="cpu", batch=1, threads=1, inputs=plan, given=GivenInputs(feeds=1)
    )
    try:
        cycle = find_cycle(session, subject, 0, SystemClock())
    except HarnessError as error:
        return {"outcome": "refused", "said": str(error)}
    return {
        "outcome": "finite" if cycle.finite else "not finite",
        "said": "",
        "load_s": times[1] - times[0],
        "read_s": times[2] - times[1],
        "feed_s": time.perf_counter() - times[2],
    }


def main() -> None:
    """Answer every line of stdin; what native code prints to stdout goes elsewhere."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOM_BYTES, ROOM_BYTES))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(_tried(Path(line.rstrip("\n")))), file=answers, flush=True)


if __name__ == "__main__":
    main()
