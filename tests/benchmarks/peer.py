"""The peer: pytest-benchmark on the same unchanged models, with a fixed percentage on one statistic.

It runs in one process by its own command line. It is no dependency: ``pip install pytest-benchmark``.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

FIELDS = ("median", "min")
_FAILED = re.compile(r"Field '(\w+)' has failed PercentageRegressionCheck")

_TESTS = """
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

MODELS = json.loads(Path(__file__).with_name("models.json").read_text())


def feed(tensor, batch):
    shape = [size if isinstance(size, int) else batch for size in tensor.shape]
    if tensor.type == "tensor(float)":
        return np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return np.ones(shape, np.int64)


@pytest.mark.parametrize(("path", "batch"), MODELS, ids=[Path(path).stem for path, _ in MODELS])
def test_model(benchmark, path, batch):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    known = {each.name for each in session.get_overridable_initializers()}
    feeds = {each.name: feed(each, batch) for each in session.get_inputs() if each.name not in known}
    benchmark(lambda: session.run(None, feeds))
"""


class Peer:
    """Some models, and a run that later runs are compared with."""

    def __init__(self, folder: Path, models: Sequence[tuple[Path, int]]) -> None:
        self._folder = folder
        self._count = len(models)
        folder.mkdir(exist_ok=True)
        (folder / "test_peer.py").write_text(_TESTS, encoding="utf-8")
        plain = [(str(path), batch) for path, batch in models]
        (folder / "models.json").write_text(json.dumps(plain), encoding="utf-8")

    @staticmethod
    def is_installed() -> bool:
        return find_spec("pytest_benchmark") is not None

    def record(self) -> None:
        """Record the run that later ones are compared with."""
        for old in self._folder.glob("runs/*/*.json"):
            old.unlink()
        done = self._run("--benchmark-save=before")
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)

    def false_alarms(self) -> tuple[Counter[str], int]:
        """Compare a run of the unchanged models; return alarms by statistic, and the number of models."""
        checks = [f"--benchmark-compare-fail={field}:5%" for field in FIELDS]
        done = self._run("--benchmark-compare=0001", *checks)
        return Counter(_FAILED.findall(done.stdout + done.stderr)), self._count

    def _run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:pytest_energy"]
        storage = "--benchmark-storage=runs"
        return subprocess.run(
            [*command, storage, "--benchmark-columns=median", *options, "test_peer.py"],
            cwd=self._folder,
            check=False,
            capture_output=True,
            text=True,
        )
