"""One workload's energy beside CodeCarbon in process mode, on the same machine and at the same time.

    python tests/benchmarks/codecarbon_comparison.py MODEL --codecarbon ENVIRONMENT [--time SECONDS]

ENVIRONMENT holds codecarbon 3.x and onnxruntime, and is asked by its own interpreter: CodeCarbon is no
dependency of this project. Both look at the same process, which runs the model on one thread with zeros for
inputs: CodeCarbon follows it while it runs, and this project bills its CPU time by the profile that it finds
here. The batch is 1.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

from pytest_energy.environment import detect_machine
from pytest_energy.footprint.energy import core_power_w, marginal_core_power_w
from pytest_energy.power.detection import detect_profile
from pytest_energy.power.surroundings import read_surroundings

# Runs in the other environment, which has no pytest-energy.
_PROGRAM = """
import json, sys, time
import numpy as np, onnxruntime
from codecarbon import OfflineEmissionsTracker, __version__
model, seconds = sys.argv[1], float(sys.argv[2])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
kinds = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(double)": "float64"}
feeds = {
    one.name: np.zeros([size if isinstance(size, int) else 1 for size in one.shape], kinds[one.type])
    for one in session.get_inputs()
}
session.run(None, feeds)
tracker = OfflineEmissionsTracker(
    country_iso_code="FRA", tracking_mode="process", measure_power_secs=1, save_to_file=False,
    log_level="error", allow_multiple_runs=True,
)
tracker.start()
steps, cpu_s, began_s = 0, time.process_time(), time.perf_counter()
while time.perf_counter() - began_s < seconds:
    session.run(None, feeds)
    steps += 1
cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - began_s
tracker.stop()
data = tracker.final_emissions_data
print("RESULT" + json.dumps({
    "version": __version__, "steps": steps, "cpu_s": cpu_s, "wall_s": wall_s,
    "cpu_j": data.cpu_energy * 3.6e6, "ram_j": data.ram_energy * 3.6e6, "gpu_j": data.gpu_energy * 3.6e6,
    "cpu_w": data.cpu_power, "ram_w": data.ram_power, "cpu_model": data.cpu_model,
    "tracking_mode": data.tracking_mode,
}))
"""


def main() -> None:
    """Print both figures, and what they are made of."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("model", type=Path)
    arguments.add_argument("--codecarbon", type=Path, required=True, metavar="ENVIRONMENT")
    arguments.add_argument("--time", type=float, default=20.0, metavar="SECONDS")
    given = arguments.parse_args()
    theirs = _followed(given.codecarbon, given.model, given.time)
    machine = detect_machine()
    found = detect_profile(machine, os.environ, read_surroundings())
    profile, steps = found.profile, theirs["steps"]
    core_w, memory_gib = core_power_w(profile, 1), machine.memory_gib or 0.0
    ours_j = theirs["cpu_s"] * core_w / steps
    share = 1 / machine.environment.logical_cpus
    dram_j = memory_gib * share * profile.memory.w_per_gib * theirs["wall_s"] / steps
    times = f"{theirs['wall_s']:.1f} s, {theirs['cpu_s']:.1f} s of CPU time"
    print(f"{given.model.name}: {steps} steps in {times}\n")
    print(f"{'per step':24} {'pytest-energy':>16} {'CodeCarbon ' + theirs['version']:>18}")
    print(f"{'processor':24} {_mj(ours_j)} {_mj(theirs['cpu_j'] / steps, 18)}")
    print(f"{'  of it marginal':24} {_mj(theirs['cpu_s'] * marginal_core_power_w(profile, 1) / steps)}")
    print(f"{'memory, apart':24} {_mj(dram_j)} {_mj(theirs['ram_j'] / steps, 18)}")
    print(f"{'in its total':24} {_mj(ours_j)} {_mj((theirs['cpu_j'] + theirs['ram_j']) / steps, 18)}")
    print(
        f"\nours: {profile.id}, {core_w:.3g} W per CPU-second, x{profile.band_low:g}..x{profile.band_high:g}"
    )
    print(f"      {profile.boundary}")
    print(
        f"its:  {theirs['cpu_w']:.3g} W for {theirs['cpu_model']!r} at its last reading, "
        f"{theirs['ram_w']:.3g} W of memory; mode {theirs['tracking_mode']}"
    )


def _followed(environment: Path, model: Path, seconds: float) -> dict[str, float]:
    python = environment / "bin/python"
    ran = subprocess.run(
        [python, "-c", _PROGRAM, model, str(seconds)], capture_output=True, text=True, check=True, timeout=600
    )
    line = next(line for line in ran.stdout.splitlines() if line.startswith("RESULT"))
    return json.loads(line.removeprefix("RESULT"))


def _mj(joules: float, width: int = 16) -> str:
    return f"{joules * 1e3:{width - 3}.3g} mJ"


if __name__ == "__main__":
    main()
