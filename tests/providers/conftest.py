"""Tests that need a provider; in an environment without it each is skipped by the provider's name.

``.ci/run`` makes an environment for each and runs this folder there.
"""

import importlib.util
from pathlib import Path

import onnx
import onnxruntime as ort
import pytest

from pytest_energy.providers import provider_named
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.codec import from_plain
from pytest_energy.results.factors import Factors
from pytest_energy.results.placement import Placement
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runner.subject import subject_of
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.suite import Overrides, SuiteEntry

MODELS = Path(__file__).parents[2] / "models"
LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
PATIENCE_S = 120.0


def is_here(name):
    """Whether this environment has a provider, built in or as a plugin package."""
    provider = provider_named(name)
    plugin = provider.plugin and importlib.util.find_spec(provider.plugin.module)
    return provider.name in ort.get_available_providers() or bool(plugin)


def pytest_runtest_setup(item):
    """Skip what needs a provider that is not in this environment."""
    for name in getattr(item.module, "NEEDS", ()):
        if not is_here(name):
            pytest.skip(f"the provider {name} is not in this environment")


@pytest.fixture
def verified():
    """A factory: factors and placement of a model on a provider, as a worker verifies them."""

    def verify(  # noqa: PLR0913 - what benchmarks differ in, each with a default
        model, provider, *, library=None, least_share=0.9, batch=1, training=None, **settings
    ):
        benchmark = Benchmark(
            name="a",
            mode="inference" if training is None else "training",
            provider=provider,
            batch=batch,
            session=SessionSettings(**settings),
            training=training,
        )
        entry = SuiteEntry(
            benchmark=benchmark,
            model_path=Path(model),
            overrides=Overrides(placement=least_share),
            library=None if library is None else Path(library),
        )
        # With the inputs that its graph asks for, as in a run.
        subject = subject_of(entry)
        with WorkerProcess(Limits(silence_s=PATIENCE_S)) as worker:
            worker.wait_until_ready()
            events = list(worker.run(Job(subjects=(subject,), plan=None, verify=True)))
        (loaded,) = (event for event in events if event["event"] == "loaded")
        return from_plain(loaded["factors"], Factors), from_plain(loaded["placement"], Placement)

    return verify


@pytest.fixture
def models():
    """The folder of the example models."""
    return MODELS


@pytest.fixture
def light():
    """The folder of the onnx package's models without weights."""
    return LIGHT
