"""What waiting costs: CPU time per inference that arrives at a pace, with spinning threads and without.

Each row runs in fresh workers, as a benchmark with ``pace = "..."`` and ``spinning = true`` or ``false``
does: the CPU time of all threads over the whole period counts, the wait included. "At once" has no waits:
there, as everywhere without a pace, threads stop spinning when a step ends.

Run with:   python tests/benchmarks/pace.py [threads]
"""

import statistics
import sys
from pathlib import Path

from pytest_energy.measurement.plan import Plan
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.limits import limits_for
from pytest_energy.workloads.suite import SuiteEntry

MODEL = Path(__file__).parents[2] / "models/digits-cnn.onnx"
PACES_S = (None, 5e-3, 20e-3, 50e-3, 100e-3)
PROCESSES = 3
_COLUMNS = ("pace", "spinning", "CPU time per step", "latency", "spinning costs")


def measured(pace_s: float | None, threads: int, *, spinning: bool) -> tuple[float, float]:
    """Return CPU time and latency per step in s, medians of fresh processes."""
    benchmark = Benchmark(
        name="pace", model=str(MODEL), batch=8, threads=threads, spinning=spinning, pace_s=pace_s
    )
    entry = SuiteEntry(benchmark=benchmark, model_path=MODEL)
    setup = Setup(conditions=None, limits=limits_for(), plan=Plan())
    taken = sample_in_workers([entry], range(PROCESSES), setup)
    samples = [each.samples for (each,) in taken]
    return (
        statistics.median(statistics.median(each.step_cpu_s) for each in samples),
        statistics.median(statistics.median(each.step_duration_s) for each in samples),
    )


def main() -> None:
    """Print a row per pace, without spinning and with it."""
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    print(f"{MODEL.name}, batch 8, {threads} threads, medians of {PROCESSES} processes")
    print("{:>10}{:>10}{:>20}{:>12}{:>16}".format(*_COLUMNS))
    for pace_s in PACES_S:
        shown = "at once" if pace_s is None else f"{pace_s * 1e3:g} ms"
        still, spinning = (measured(pace_s, threads, spinning=each) for each in (False, True))
        for name, (cpu_s, latency_s) in (("off", still), ("on", spinning)):
            times = f"{cpu_s / still[0]:.2f} x" if name == "on" else ""
            print(f"{shown:>10}{name:>10}{cpu_s * 1e3:17.3f} ms{latency_s * 1e3:9.3f} ms{times:>16}")


if __name__ == "__main__":
    main()
