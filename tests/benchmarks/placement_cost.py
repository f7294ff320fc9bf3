"""What verifying the placement of a benchmark adds: a process, a profiled session, a few steps.

Usage: python tests/benchmarks/placement_cost.py PROVIDER [REPEATS]

Run it in an environment that has the provider. Times are medians of wall time; ``again`` is what a second
look at the same benchmark costs in one run: what was found is remembered by all that could change it.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import onnx

from pytest_energy.environment import detect_machine
from pytest_energy.errors import HarnessError
from pytest_energy.runner.conditions import find_conditions
from pytest_energy.runner.setup import Setup
from pytest_energy.runner.verified import verified
from pytest_energy.runtime.limits import Limits
from pytest_energy.workloads.suite import SuiteEntry, model_entry

MODELS = Path(__file__).parents[2] / "models"
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
PATHS = (
    MODELS / "digits-cnn.onnx",
    MODELS / "digits-cnn-int8.onnx",
    MODELS / "digits-transformer.onnx",
    LIGHT / "light_squeezenet.onnx",
    LIGHT / "light_resnet50.onnx",
)


def entries(provider: str) -> Iterator[SuiteEntry]:
    """Yield one benchmark per model."""
    for path in PATHS:
        yield from model_entry(path, path.name, [provider])


def setup() -> Setup:
    """Return a set-up that remembers nothing yet."""
    conditions = find_conditions(
        detect_machine(), {}, profile="generic-cpu", region=None, intensity=100.0, pue="1"
    )
    return Setup(conditions=conditions, limits=Limits())


def timed(entry: SuiteEntry, held: Setup) -> float:
    """Return the seconds that verifying takes."""
    before = time.perf_counter()
    verified(entry, held)
    return time.perf_counter() - before


def main(provider: str, repeats: int) -> None:
    """Print a row per model."""
    print(f"{'model':24} {'nodes':>6} {'time there':>10} {'first':>8} {'again':>8}")
    for entry in entries(provider):
        name = entry.benchmark.name
        try:
            firsts, again = [], []
            for _ in range(repeats):
                held = setup()
                firsts.append(timed(entry, held))
                again.append(timed(entry, held))
        except HarnessError as error:
            print(f"{name:24} refused: {str(error).split('. ')[0]}")
            continue
        found = verified(entry, held)
        placement = found.placement if found else None
        if placement is None or placement.time_share is None:
            print(f"{name:24} nothing to verify")
            continue
        print(
            f"{name:24} {placement.total:6} {placement.time_share:10.1%} {statistics.median(firsts):6.2f} s "
            f"{statistics.median(again) * 1e3:5.1f} ms"
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
