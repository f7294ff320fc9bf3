"""Models of others learn: nearly all of those with floating-point outputs, with no configuration at all."""

import os
import runpy
from pathlib import Path

import pytest

VARIABLE = "PYTEST_ENERGY_THIRD_PARTY"
FEWEST = 25
SHARE = 0.9
MOST_BYTES = 6_000_000  # larger ones take minutes; tests/benchmarks/training_trial.py trains them too
LONG = {"bak_ovr", "sig", "sig_bak_ovr"}  # small, with inputs so long that a step takes seconds

TRIALS = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "training_trial.py"))["trials"]


@pytest.fixture(scope="module")
def outcomes():
    """How each model went; skipped where none are installed."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder with models: see requirements.txt")
    paths = [
        path
        for path in sorted(Path(folder).rglob("*.onnx"))
        if path.stat().st_size < MOST_BYTES and path.stem not in LONG
    ]
    return [each for each in TRIALS(paths) if each["outcome"] not in {"unloadable", "no floats"}]


def test_nearly_all_that_onnxruntime_can_run_learn(outcomes):
    assert len(outcomes) >= FEWEST
    rest = [each for each in outcomes if each["outcome"] != "learns"]
    said = "\n".join(f"{each['model']}: {each['outcome']} {each['said']}" for each in rest)
    assert len(outcomes) - len(rest) >= SHARE * len(outcomes), said
