"""The recipes of docs/ci.md, run as they stand there, in a repository of a user."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

GUIDE = Path(__file__).parents[2] / "docs/ci.md"
SETTINGS = '[tool.pytest-energy]\nmodels = ["*.onnx"]\ntime = 0.4\ntolerance = "300%"\n'


def blocks(language):
    text = GUIDE.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def shell(project):
    """Run a script in the project, and return its exit code and what it printed."""
    author = {
        f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(project.folder)}
    project.write("pyproject.toml", SETTINGS)
    project.model()

    def run(script):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=project.folder,
            env=dict(os.environ) | author | here,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert run("git init --quiet && git add . && git commit --quiet -m model")[0] == 0
    return run


def test_the_shell_recipe(project, shell):
    compare, record, accept = blocks("sh")
    code, said = shell(compare)
    assert code == 1, said
    assert "NEW" in said
    code, said = shell(record)
    assert code == 0, said
    assert shell("git status --porcelain -- baselines") == (0, "")
    assert shell("git log -1 --format=%s") == (0, "Energy baselines\n")
    assert shell(compare)[0] == 0
    assert {"energy.md", "energy.json"} <= {path.name for path in project.folder.iterdir()}
    project.model(width=512)
    assert shell(compare)[0] == 1
    code, said = shell(accept)
    assert code == 0, said
    assert shell(compare)[0] == 0


def test_the_gitlab_recipe(project, shell):
    (recipe,) = (yaml.safe_load(block) for block in blocks("yaml") if "script:" in block)
    installs, *script = recipe["energy"]["script"]
    assert shlex.split(installs)[:2] == ["pip", "install"]
    assert shell(blocks("sh")[1])[0] == 0
    code, said = shell("\n".join(script))
    assert code == 0, said
    artifacts = recipe["energy"]["artifacts"]
    kept = {*artifacts["paths"], artifacts["reports"]["junit"]}
    assert kept <= {path.name for path in project.folder.iterdir()}
