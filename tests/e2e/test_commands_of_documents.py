"""Every command that the documents show is run as it stands there, in a repository of a user."""

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]

SETTINGS = """\
[tool.pytest-energy]
models = ["model.onnx"]
time = 0.4
tolerance = "300%"
"""

# What a document writes for something of the reader's own, and what stands for it here.
STANDS_FOR = (
    (r"\[WORD \.\.\.\]", "epyc"),
    (r"ID\|FILE", "generic-cpu"),
    (r"\bshow ID\b", "show model--cpu-b1"),
    (r"\bBENCHMARK\b", "model--cpu-b1"),
    (r"\bOLD_ENVIRONMENT\b", sys.prefix),
    (r"compare A\.json B\.json", "compare results.json other.json"),
    (r"validate FILE \.\.\.", "validate own.toml"),
)

NOT_RUN = {
    "pip install": "installs",
    "pytest-energy noise": "takes minutes; tests of its own run it",
    "pytest-energy providers": "tries every provider out; tests of its own run it",
    "pytest-energy profiles calibrate": "needs an energy counter; a test of its own has a simulated one",
    "pytest --energy --energy-profile build-server.toml": "uses what calibrate would have written",
    "pytest --energy --energy-provider openvino": "needs another wheel; tests of its own have it",
    "pytest-energy run --python stock --python openvino": "needs other environments; its tests have them",
    "pytest --energy --energy-ep-library": "needs a plugin library; tests of its own have one",
    "python tests/benchmarks/": "belongs to this repository",
}

CODES = {"pytest-energy doctor": {0, 1}}  # 1: it found something about this machine

NEEDS = {"--html": "vl_convert", "--energy-html": "vl_convert"}


def commands(path):
    blocks = re.findall(
        r"^```console\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [re.sub(r"\s{2,}#.*", "", line[2:]).strip() for line in lines]


def is_run(command):
    return not any(command.startswith(prefix) for prefix in NOT_RUN)


def rows():
    """What the model is trained on: which of 64 numbers is the largest."""
    x = np.random.default_rng(0).standard_normal((64, 64)).astype("float32")
    return {"x": x, "labels": x.argmax(axis=1)}


@pytest.fixture
def shell(project):
    """Run a command in a repository with a model, results, a history and a remote branch."""
    project.write("pyproject.toml", SETTINGS)
    for name in ("model.onnx", "models/small.onnx", "OLD.onnx"):
        project.model(name)
    project.model("NEW.onnx", width=16)
    project.write("learn.py", f"import numpy as np\n\n\n{inspect.getsource(rows)}")
    np.savez(project.folder / "rows.npz", **rows())
    project.write("models/all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\n')
    profile = 'cpu = { model = "any", unit = "core", units = 4 }\ntdp = { w = 65, source = ["data sheet"] }\n'
    project.write("own.toml", f'id = "own"\nname = "own"\n{profile}')
    names = {
        f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    here = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(project.folder),
        "GITHUB_STEP_SUMMARY": str(project.folder / "summary.md"),
    }

    def run(command):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=project.folder,
            env=dict(os.environ) | names | here,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    prepared = (
        "git init --quiet && git add . && git commit --quiet -m models",
        "git update-ref refs/remotes/origin/main HEAD",
        "pytest --energy --energy-update models",
        "pytest --energy --energy-json results.json --energy-history h.db model.onnx",
        "pytest --energy --energy-json other.json model.onnx",
    )

    def prepare():
        for command in prepared:
            code, said = run(command)
            assert code == 0, said

    project.once(prepared, prepare)
    return run


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_of_a_document_run(path, shell):
    for written in filter(is_run, commands(path)):
        if any(
            flag in written and importlib.util.find_spec(module) is None for flag, module in NEEDS.items()
        ):
            continue
        command = written
        for placeholder, real in STANDS_FOR:
            command = re.sub(placeholder, real, command)
        code, said = shell(command)
        expected = next((codes for prefix, codes in CODES.items() if command.startswith(prefix)), {0})
        assert code in expected, f"$ {command}\n{said}"


def test_what_is_not_run_is_still_written_somewhere():
    written = [command for path in DOCUMENTS for command in commands(path)]
    for prefix in (*NOT_RUN, *CODES):
        assert any(command.startswith(prefix) for command in written), prefix
