"""What several kinds of tests share."""

import os
import runpy
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# How long an example takes depends on what else runs on the machine; that is not what is tested.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="session", autouse=True)
def bytecode(tmp_path_factory):
    """Hundreds of processes import the same modules; where bytecode is unwanted, it is kept out of the tree.

    Without it each of them would compile the sources again, which takes longer than most of what it is for.
    """
    if "PYTHONDONTWRITEBYTECODE" not in os.environ:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE")
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        yield


@pytest.fixture(scope="module")
def model_trials():
    """A factory: how models of given paths go with no configuration; see benchmarks/model_trial.py."""
    return runpy.run_path(str(Path(__file__).parent / "benchmarks" / "model_trial.py"))["trials"]
