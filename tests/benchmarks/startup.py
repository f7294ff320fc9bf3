"""Start-up of a plain pytest run with the plugin installed, against ``-p no:pytest_energy``.

Run with:   python tests/benchmarks/startup.py [pairs]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_SEED_TEST = "def test_nothing():\n    pass\n"


def cpu_and_wall_s(folder: Path, *options: str) -> tuple[float, float]:
    """Run one plain pytest and return its CPU and wall time in s."""
    before, started = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after, ended = os.times(), time.perf_counter()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu_s, ended - started


def main() -> None:
    """Alternate both kinds of run, and print medians and the median difference of pairs."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 25
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text(_SEED_TEST, encoding="utf-8")
        rows = []
        for number in range(pairs + 1):
            options = [(), ("-p", "no:pytest_energy")]
            order = (0, 1) if number % 2 else (1, 0)
            taken = {kind: cpu_and_wall_s(folder, *options[kind]) for kind in order}
            rows.append((taken[0], taken[1]))
    rows = rows[1:]  # the first pair wrote byte code
    print(f"{pairs} alternating pairs, medians in ms")
    print(f"{'':12}{'with':>10}{'without':>10}{'difference':>12}")
    for column, label in enumerate(("CPU time", "wall time")):
        own = [with_plugin[column] * 1e3 for with_plugin, _ in rows]
        other = [without[column] * 1e3 for _, without in rows]
        more = statistics.median(a - b for a, b in zip(own, other, strict=True))
        print(f"{label:12}{statistics.median(own):10.1f}{statistics.median(other):10.1f}{more:12.1f}")


if __name__ == "__main__":
    main()
