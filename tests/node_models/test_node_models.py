"""Every node model of the onnx package: how many that ONNX Runtime loads run with synthesized inputs."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

SHARE = 0.97
FEWEST = 1000  # the package had 1,600 and more in 2025

# In a process of its own: making the cases overflows and divides by zero on purpose, which warns.
WRITE = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from onnx.backend.test.loader import load_model_tests
for case in load_model_tests(kind="node"):
    Path(sys.argv[1], case.name + ".onnx").write_bytes(case.model.SerializeToString())
"""


@pytest.fixture(scope="module")
def outcomes(model_trials, tmp_path_factory):
    folder = tmp_path_factory.mktemp("nodes")
    subprocess.run([sys.executable, "-c", WRITE, folder], check=True, capture_output=True)
    return list(model_trials(sorted(Path(folder).glob("*.onnx"))))


def test_nearly_all_that_onnxruntime_loads_run_with_synthesized_inputs(outcomes):
    counts = Counter(each["outcome"] for each in outcomes)
    loadable = len(outcomes) - counts["unloadable"]
    ran = counts["finite"] + counts["not finite"]
    rest = [
        f"{Path(each['model']).stem}: {each['outcome']} {each['said'][-300:]}"
        for each in outcomes
        if each["outcome"] in {"refused", "crashed"}
    ]
    assert loadable >= FEWEST
    assert ran >= SHARE * loadable, "\n".join(rest)
