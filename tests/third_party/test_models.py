"""Models of others, as their packages carry them, run with no configuration at all."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
VARIABLE = "PYTEST_ENERGY_THIRD_PARTY"
FEWEST = 25
SHARE = 0.95


def packages():
    lines = (HERE / "requirements.txt").read_text(encoding="ascii").splitlines()
    return [found[1] for line in lines if (found := re.match(r"([a-z0-9-]+)==", line))]


@pytest.fixture(scope="module")
def outcomes(model_trials):
    """How each model went; skipped, with what is absent, where the packages are not installed."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder with {', '.join(packages())}: see requirements.txt")
    installed = {
        path.name.split("-")[0].replace("_", "-").lower() for path in Path(folder).glob("*.dist-info")
    }
    absent = sorted(set(packages()) - installed)
    if absent:
        pytest.skip(f"absent from {folder}: {', '.join(absent)}")
    return list(model_trials(sorted(Path(folder).rglob("*.onnx"))))


def test_nearly_all_that_onnxruntime_can_run_are_run_and_finite(outcomes):
    loadable = [each for each in outcomes if each["outcome"] != "unloadable"]
    assert len(loadable) >= FEWEST
    finite = [each for each in loadable if each["outcome"] == "finite"]
    rest = [f"{each['model']}: {each['outcome']} {each['said']}" for each in loadable if each not in finite]
    assert len(finite) >= SHARE * len(loadable), "\n".join(rest)


def test_the_rest_ends_in_clear_errors(outcomes):
    assert not Counter(each["outcome"] for each in outcomes)["crashed"]
    for each in outcomes:
        if each["outcome"] == "refused":
            assert "[benchmark.inputs." in each["said"]
            assert "ONNX Runtime said" in each["said"]
