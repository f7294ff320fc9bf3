"""A plain pytest run must not pay for what only ``--energy`` needs."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "onnx", "onnxruntime", "scipy", "rich", "jsonschema", "msgspec")

# Runs pytest in this interpreter on no test at all, then tells which modules that took.
PROBE = """
import sys, pytest
pytest.main([*sys.argv[1:], "-q", "-p", "no:cacheprovider", "--rootdir", ".", "nothing_here.py"])
print("MODULES", *sorted(sys.modules))
"""


def modules_of_a_plain_run(folder, *options):
    (folder / "nothing_here.py").touch()
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, *options], cwd=folder, capture_output=True, text=True, check=True
    )
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("MODULES ")]
    return set(line.split()[1:])


def test_a_plain_run_imports_nothing_heavy(tmp_path):
    with_plugin = modules_of_a_plain_run(tmp_path)
    without = modules_of_a_plain_run(tmp_path, "-p", "no:pytest_energy")
    assert "pytest_energy.plugin.hooks" in with_plugin
    assert "pytest_energy.plugin.hooks" not in without
    assert not (with_plugin - without) & set(HEAVY)


def test_a_plain_run_imports_three_of_our_modules(tmp_path):
    ours = {name for name in modules_of_a_plain_run(tmp_path) if name.startswith("pytest_energy")}
    assert ours == {
        "pytest_energy",
        "pytest_energy.plugin",
        "pytest_energy.plugin.hooks",
        "pytest_energy.options",
    }


@pytest.mark.parametrize("module", ["pytest_energy.cli.main", "pytest_energy.plugin.measured_run"])
def test_no_door_imports_what_workers_and_verdicts_need(module):
    code = f"import sys, {module}; print(*[m for m in ('onnx', 'onnxruntime', 'scipy') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
