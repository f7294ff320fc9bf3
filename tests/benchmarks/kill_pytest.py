"""Kill ``pytest --energy --energy-update`` at random moments, and count baselines that are lost or damaged.

Run with:   python tests/benchmarks/kill_pytest.py [--runs 500] [--seed 1]

The project has five tests that measure a callable. From run to run its work grows or shrinks tenfold, so
that every run rewrites every baseline. The moments of the kills are spread evenly over the duration of a
whole run.
"""

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from pytest_energy.baselines.store import BaselineStore
from pytest_energy.errors import BaselineError

BENCHMARKS = 5
PILOTS = 3

TESTS = """
import os
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_work(energy, number):
    size = int(os.environ["WORK"])
    energy.measure(lambda: sum(range(size)), time=0.02, tolerance="50%")
"""


def start(project: Path, work: int) -> subprocess.Popen[bytes]:
    """Start one update in a session of its own."""
    options = ["-q", "-p", "no:cacheprovider", "--energy", "--energy-update", "--energy-reason", "a kill"]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *options],
        cwd=project,
        env=os.environ | {"WORK": str(work)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def read_back(store: BaselineStore) -> Counter[str]:
    """Read every baseline there should be."""
    counts: Counter[str] = Counter()
    files = store.files()
    counts["lost"] = BENCHMARKS - len(files)
    for path in files:
        try:
            store.load(path)
            counts["whole"] += 1
        except BaselineError:
            counts["damaged"] += 1
    return counts


def main() -> int:
    """Run, print the table, and return 1 if a baseline was lost or damaged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="runs to kill (default 500)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments of the kills (default 1)")
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)  # noqa: S311 - seeded, so that a run can be repeated
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        project = Path(name)
        (project / "pytest.ini").touch()
        (project / "test_work.py").write_text(TESTS.format(count=BENCHMARKS), encoding="utf-8")
        store = BaselineStore(project / "baselines")
        durations = []
        for pilot in range(PILOTS):
            started = time.perf_counter()
            start(project, (1_000, 10_000)[pilot % 2]).wait()
            durations.append(time.perf_counter() - started)
        longest = statistics.median(durations)
        for number in range(arguments.runs):
            running = start(project, (1_000, 10_000)[number % 2])
            before = {path: path.read_bytes() for path in store.files()}
            time.sleep(moments.uniform(0, longest))
            counts["killed while running"] += running.poll() is None
            with suppress(ProcessLookupError):  # it was quicker than the pilots
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            counts["killed after a rewrite"] += any(
                before.get(path) != path.read_bytes() for path in store.files()
            )
            counts += read_back(store)
    print(f"{arguments.runs} runs of {BENCHMARKS} benchmarks, whole run {longest:.1f} s")
    for label in ("killed while running", "killed after a rewrite", "whole", "lost", "damaged"):
        print(f"{label:<24}{counts[label]:>8}")
    return 1 if counts["lost"] or counts["damaged"] else 0


if __name__ == "__main__":
    sys.exit(main())
