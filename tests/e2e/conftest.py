"""A project of a user, as a folder; ``pytest`` runs in it in a process of its own.

Verdicts come from real measurements here. So that no busy neighbour can turn a test, what must not regress
has a tolerance of 300 %, and what must regress costs twenty times as much.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

WIDE = ("--energy-tolerance", "300%")
QUICK = ("--energy-time", "0.4")
# Nothing is left behind, and Hypothesis, which users need not have, is not imported in each run.
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


def mlp(width, layers=3):
    """Return a model: matrix products of this width, batch free."""
    generator = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(
            (generator.standard_normal((width, width)) / width**0.5).astype("float32"), f"w{n}"
        )
        for n in range(layers)
    ]
    names = ["x", *(f"h{n}" for n in range(1, layers)), "y"]
    nodes = [
        helper.make_node("MatMul", [names[n], f"w{n}"], [names[n + 1]], name=f"matmul_{n}")
        for n in range(layers)
    ]
    taken, given = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width]) for name in ("x", "y")
    )
    graph = helper.make_graph(nodes, "mlp", [taken], [given], weights)
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


# The real ONNX Runtime behind a front that works twenty times for every step and says that it is version 9.
SLOWER = """
import sys
if 'pytest_energy.runtime.worker' in ' '.join(sys.orig_argv):
    import onnxruntime as ort
    ort.__version__ = '9.0.0'
    quick = ort.InferenceSession.run_with_iobinding
    def slow(*arguments, **options):
        for _ in range(20):
            quick(*arguments, **options)
    ort.InferenceSession.run_with_iobinding = slow
"""

# Variables of CI services and clouds.
PLACES = (
    "GITHUB_", "GITLAB_", "CI_", "PYTEST_ADDOPTS", "AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "REGION_NAME"
)  # fmt: skip


class Kept:
    """Folders as they were when they were made first; who needs one again gets a copy."""

    def __init__(self, folder):
        self._folder = folder
        self._made = {}

    def once(self, folder, options, make):
        """Bring a folder to where ``make`` brings it: it is not called again for what is equal."""
        key = (options, contents_of(folder), variables(folder))
        if key in self._made:
            shutil.copytree(self._made[key], folder, symlinks=True, dirs_exist_ok=True)
        else:
            make()
            self._made[key] = shutil.copytree(folder, self._folder / str(len(self._made)), symlinks=True)


def contents_of(folder):
    """Return the files of a folder, without what pytester writes there."""
    return tuple(
        sorted(
            (str(path.relative_to(folder)), path.read_bytes())
            for path in folder.rglob("*")
            if path.is_file()
            and not path.relative_to(folder).parts[0].startswith(("runpytest-", "stdout", "stderr"))
        )
    )


def variables(folder):
    """Return the environment without what pytest itself changes with every test."""
    return frozenset(
        (name, value.replace(str(folder), ""))
        for name, value in os.environ.items()
        if name not in {"PYTEST_CURRENT_TEST", "PYTEST_DEBUG_TEMPROOT"}
    )


class Project:
    """A folder with a pyproject.toml, and pytest run in it."""

    def __init__(self, pytester, kept):
        self._pytester = pytester
        self._kept = kept
        self.folder = Path(pytester.path)
        self.write("pyproject.toml", "[tool.pytest.ini_options]\n")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def model(self, name="small.onnx", width=64, layers=3):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(mlp(width, layers), path)
        return path

    def pytest(self, *options):
        """Run pytest with the options as given."""
        return self._pytester.runpytest_subprocess(*WITHOUT, *options)

    def energy(self, *options):
        """Run ``pytest --energy`` with little time and a wide tolerance."""
        return self.pytest("--energy", *QUICK, *WIDE, *options)

    def record(self, *options):
        """Record baselines and return them by file name."""

        def run():
            ran = self.energy("--energy-update", *options)
            assert ran.ret == 0, ran.stdout.str()

        self.once(options, run)
        return self.baselines()

    def once(self, options, make):
        """Do what ``make`` does with these options; what a test did before in equal files is copied."""
        self._kept.once(self.folder, (make.__qualname__, *options), make)

    def baselines(self):
        return {path.name: path for path in sorted(self.folder.glob("baselines/*/*.json"))}

    @staticmethod
    def said(ran):
        """All that was printed, as one line: folding is not what is tested."""
        return " ".join(ran.stdout.str().split())

    @staticmethod
    def results(path):
        return json.loads(path.read_text(encoding="utf-8"))

    def contents(self):
        return {name: path.read_bytes() for name, path in self.baselines().items()}


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    return Kept(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def project(pytester, monkeypatch, kept):
    # What the run is computed with must not depend on where the tests run.
    for name in [name for name in os.environ if name.startswith(PLACES)]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return Project(pytester, kept)


@pytest.fixture
def command(project):
    """Run pytest-energy in the project; return exit code, and what it printed on one line."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pytest_energy", *arguments],
            cwd=project.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    return run


@pytest.fixture
def slower_front():
    """What makes ONNX Runtime slower, as the text of a sitecustomize.py."""
    return SLOWER


@pytest.fixture
def environment(tmp_path):
    """Another environment, with nothing but numpy and onnxruntime, of which the latter is the slower one."""
    folder = tmp_path / "slower"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in ("numpy", "onnxruntime"):
        here = Path(find_spec(name).origin).parent
        for each in (here, here.with_name(f"{name}.libs")):
            if each.exists():
                (packages / each.name).symlink_to(each)
    (packages / "sitecustomize.py").write_text(SLOWER, encoding="utf-8")
    return folder
