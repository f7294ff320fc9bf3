"""By how much huge pages steady the cost of a step, and by how much they change it.

Usage: python tests/benchmarks/huge_pages.py [--processes N]

Fresh worker processes run each model with huge pages and without, in turn. Printed is the scatter between
processes on the log scale, as standard deviation and as 1.48 times the median absolute deviation, which a
single disturbed process does not move, and the ratio of the medians. Sixty processes take a minute.
"""

import argparse
import math
import os
import statistics
import tempfile
from pathlib import Path

import onnx
from trial_models import make_models, mlp

from pytest_energy.measurement.plan import Plan
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.huge_pages import huge_page_mode
from pytest_energy.runtime.limits import limits_for
from pytest_energy.statistics.process_estimate import estimate_process
from pytest_energy.workloads.suite import SuiteEntry, model_entry

SETTINGS = {"with": "glibc.malloc.hugetlb=1", "without": "glibc.malloc.hugetlb=0"}


def log_cost(entry: SuiteEntry, process: int, tunables: str) -> float:
    """Return the logarithm of the cost that one fresh process reads."""
    os.environ["GLIBC_TUNABLES"] = tunables
    setup = Setup(conditions=None, limits=limits_for(), plan=Plan())
    ((own,),) = sample_in_workers([entry], range(process, process + 1), setup)
    return math.log(estimate_process(own.samples).cost)


def scatter(logs: list[float]) -> str:
    centre = statistics.median(logs)
    robust = 1.48 * statistics.median(abs(each - centre) for each in logs)
    return f"{100 * statistics.stdev(logs):6.1f} % {100 * robust:6.1f} %"


def main() -> None:
    """Measure every model and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=30, help="per model and setting")
    count = parser.parse_args().processes
    print(f"Linux gives huge pages: {huge_page_mode()}")
    print(f"{'model':22}{'with: sd':>11}{'mad':>9}{'without: sd':>13}{'mad':>9}{'with / without':>16}")
    with tempfile.TemporaryDirectory() as folder:
        entries = [subject.entry for subject in make_models(Path(folder))]
        onnx.save(mlp(width=64, layers=6), Path(folder) / "mlp-tiny.onnx")
        entries += model_entry(Path(folder) / "mlp-40.onnx", "mlp-40.onnx")
        entries += model_entry(Path(folder) / "mlp-tiny.onnx", "mlp-tiny.onnx")
        for entry in entries:
            logs: dict[str, list[float]] = {name: [] for name in SETTINGS}
            for process in range(count):
                order = list(SETTINGS) if process % 2 else list(reversed(SETTINGS))
                for name in order:
                    logs[name].append(log_cost(entry, process, SETTINGS[name]))
            ratio = math.exp(statistics.median(logs["with"]) - statistics.median(logs["without"]))
            name = f"{entry.benchmark.name}, batch {entry.benchmark.batch}"
            print(
                f"{name:22}{scatter(logs['with'])}{'':4}{scatter(logs['without'])}{ratio:16.3f}", flush=True
            )


if __name__ == "__main__":
    main()
