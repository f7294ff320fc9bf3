"""What several kinds of tests share."""

import runpy
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# How long an example takes depends on what else runs on the machine; that is not what is tested.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


@pytest.fixture(scope="module")
def model_trials():
    """A factory: how models of given paths go with no configuration; see benchmarks/model_trial.py."""
    return runpy.run_path(str(Path(__file__).parent / "benchmarks" / "model_trial.py"))["trials"]
