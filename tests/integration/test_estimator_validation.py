"""The script that tries the energy model on published measurements."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
ROWS = json.loads((FOLDER / "published_measurements.json").read_text(encoding="utf-8"))["rows"]


def run(*arguments):
    command = [sys.executable, str(FOLDER / "estimator_validation.py"), *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_what_is_to_be_reached_is_reached_on_the_selection():
    said = run()
    reached = [line for line in said.splitlines() if line.strip().startswith("to reach")]
    assert reached
    assert all(line.endswith(": yes") for line in reached), reached


def test_every_row_of_the_selection_has_its_device_boundary_and_source():
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert all(row[field] for field in ("kind", "device", "measured_boundary", "source", "year"))
        assert row["avg_power_w"] > 0


def package(**changed):
    return {
        "kind": "new",
        "id": "a",
        "workload": "ImageNet inference",
        "framework": "ONNX Runtime",
        "device": "Intel(R) Xeon(R) W-2155 CPU @ 3.30GHz",
        "tdp_w": 140,
        "avg_power_w": 100.0,
        "measured_boundary": "CPU package (RAPL)",
    } | changed


@pytest.mark.parametrize(
    ("row", "group", "error"),
    [
        (package(), "CPU package, ONNX Runtime", "+22%"),
        # Half of the logical CPUs are all of the physical cores.
        (package(cpu_utilisation_pct=50), "CPU package, ONNX Runtime", "+22%"),
        (package(avg_power_w=None, energy_j=1000.0, duration_s=10.0), "CPU package, ONNX Runtime", "+22%"),
        (package(framework="PyTorch"), "CPU package, inference", "+22%"),
        (
            package(
                device="1 x NVIDIA A100-SXM4-40GB",
                tdp_w=400,
                gpu_utilisation=100,
                avg_power_w=355.0,
                measured_boundary="GPU board (NVML)",
            ),
            "GPU board, utilisation known",
            "+0%",
        ),
    ],
)
def test_rows_of_other_files_are_understood(tmp_path, row, group, error):
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"rows": [row]}), encoding="utf-8")
    lines = run("--measurements", path).splitlines()
    assert lines[0] == group
    assert lines[2].split()[-5] == error


def test_what_nothing_is_known_of_is_left_out_and_said(tmp_path):
    path = tmp_path / "other.json"
    rows = [package(device="a processor", tdp_w=None), package(avg_power_w=None)]
    path.write_text(json.dumps({"rows": rows}), encoding="utf-8")
    said = run("--measurements", path)
    assert "new, a processor: rated power unknown" in said
    assert "no mean power, and no energy with its duration" in said
