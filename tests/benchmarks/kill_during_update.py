"""Kill a process while it writes baselines, many times, and count the baselines that are lost or damaged.

Run with:   python tests/benchmarks/kill_during_update.py [--runs 500] [--seed 1] [--in-place]

It needs a system with fork. With ``--in-place`` plain files are written, to see that damage is found.
"""

import argparse
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from pytest_energy.baselines.atomic_file import is_leftover
from pytest_energy.baselines.baseline import Baseline, Provenance
from pytest_energy.baselines.schema import from_text, gated_energy_j, to_text
from pytest_energy.baselines.store import BaselineStore
from pytest_energy.environment import Environment
from pytest_energy.errors import BaselineError
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.energy import CarbonIntensity, Pins
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessEstimate

BENCHMARKS = 3
VERSIONS = 7
LONGEST_WAIT_S = 0.02  # several writes: a kill may meet any moment of one


class InPlaceStore(BaselineStore):
    """The counter-example: writes into the file that is there."""

    def write(self, baseline: Baseline) -> None:
        """Write a baseline as any text."""
        path = self.path(baseline.environment.id, baseline.benchmark.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_text(baseline), encoding="utf-8")


def main() -> int:
    """Run, print the table, and return 1 if a baseline was lost or damaged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500, help="processes to kill (default 500)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments of the kills (default 1)")
    parser.add_argument("--in-place", action="store_true", help="write plain files instead, as a check")
    arguments = parser.parse_args()
    kind = InPlaceStore if arguments.in_place else BaselineStore
    with tempfile.TemporaryDirectory() as folder:
        counts = _campaign(kind(Path(folder) / "baselines"), arguments.runs, arguments.seed)
    for name in ("killed", "writes", "caught in a write", "read back", "lost", "damaged", "left over"):
        print(f"{name:<20}{counts[name]:>8}")
    return 1 if counts["lost"] or counts["damaged"] else 0


def _campaign(store: BaselineStore, runs: int, seed: int) -> Counter[str]:
    """Kill ``runs`` writers, and read everything back after each."""
    moments = random.Random(seed)  # noqa: S311 - seeded, so that a run can be repeated
    versions = [[_baseline(number, version) for version in range(VERSIONS)] for number in range(BENCHMARKS)]
    for written in versions:
        store.write(written[0])
    counts: Counter[str] = Counter()
    for _ in range(runs):
        counts["writes"] += _kill_one(store, versions, moments)
        counts["killed"] += 1
        counts["caught in a write"] += any(is_leftover(path) for path in store.folder.rglob("*"))
        for written in versions:
            counts[_read_back(store, written)] += 1
    for written in versions:
        store.write(replace(written[0], provenance=Provenance(commit=None, date="2026-01-02")))
    counts["left over"] = sum(1 for _ in store.strays())
    return counts


def _kill_one(store: BaselineStore, versions: list[list[Baseline]], moments: random.Random) -> int:
    """Start a writer, kill it at a random moment after its first write, and return how often it wrote."""
    reading, writing = os.pipe()
    order = moments.randrange(VERSIONS)
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write_for_ever(store, versions, order, writing)
    os.close(writing)
    written = len(os.read(reading, 1))
    time.sleep(moments.uniform(0, LONGEST_WAIT_S))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as rest:
        return written + len(rest.read())


def _write_for_ever(store: BaselineStore, versions: list[list[Baseline]], start: int, tell: int) -> None:
    """Write one version after the other, always another than what is there, and tell of each."""
    try:
        for version in itertools.count(start):
            for written in versions:
                store.write(written[version % VERSIONS])
                os.write(tell, b".")
    finally:
        os._exit(1)  # a child of fork must not run on in its parent's code


def _read_back(store: BaselineStore, written: list[Baseline]) -> str:
    one = written[0]
    try:
        found = store.read(one.benchmark.id, one.environment.id)
    except BaselineError:
        return "damaged"
    if found is None:
        return "lost"
    return "read back" if found in written else "damaged"


def _baseline(number: int, version: int) -> Baseline:
    pins = Pins(
        profile="generic-cpu",
        core_power_w=4.1,
        intensity=CarbonIntensity(
            g_per_kwh=458.0, place="world", code="WORLD", year=2025, basis="lifecycle", source="example"
        ),
        pue=1.0,
    )
    cpu_s = [1e-3 * (1 + version / 10) * (1 + process / 300) for process in range(12)]
    processes = tuple(
        ProcessEstimate(cpu_s=each, duration_s=each, reference_cpu_s=1e-3, cost=each / 1e-3) for each in cpu_s
    )
    made = Baseline(
        benchmark=Benchmark(name=f"model-{number}", model=f"models/model-{number}.onnx"),
        environment=Environment(
            os="linux",
            arch="x86_64",
            cpu="cpu",
            cpu_model="1-1",
            logical_cpus=2,
            isa=("avx2",),
            virtual=False,
        ),
        factors=Factors(python="3.12.4", numpy="2.3.1", reference="sgemm-64", onnxruntime="1.31.0"),
        processes=processes,
        pins=pins,
        energy_j=gated_energy_j(processes, pins),
        provenance=Provenance(commit="1a2b3c4", date="2026-01-01"),
    )
    return from_text(to_text(made), "rounded as a file rounds it")


if __name__ == "__main__":
    sys.exit(main())
