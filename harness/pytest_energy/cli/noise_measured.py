"""What ``pytest-energy noise`` measures: the trials, with what the project's settings say of how."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pytest_energy.cli.progress import Progress
from pytest_energy.cli.project import project_root
from pytest_energy.environment import detect_machine
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.noise_sources import NoiseSource, find_noise_sources
from pytest_energy.measurement.quality import DisturbanceReader
from pytest_energy.runner.noise import SIMULATED, Noise, noise_of
from pytest_energy.runner.noise_trials import Bounds, Sampler, sample_trials
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.settings import read_project, read_settings
from pytest_energy.terms import conditions_of, limits_of, plan_for
from pytest_energy.workloads.model import require_model
from pytest_energy.workloads.suite import Overrides, SuiteEntry, model_entry

_BUILT_IN = "noise.onnx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was found out.

    Attributes:
        noise: What the trials say.
        sources: What makes figures scatter here, as it was before the trials.
        is_built_in: Whether the model is the built-in one.
    """

    noise: Noise
    sources: tuple[NoiseSource, ...]
    is_built_in: bool


def measure(
    model: str | None,
    trials: int | None,
    time_s: float | None,
    *,
    sample: Sampler = sample_in_workers,
    simulated: int = SIMULATED,
) -> Measured:
    """Measure the noise of this machine.

    Args:
        model: Path of the model; None for the built-in one.
        trials: Most trials; None for as many as the time allows.
        time_s: Time for all of them in s; None for no limit.
        sample: Samples processes; another one in tests.
        simulated: Runs to simulate for each tolerance.

    Raises:
        HarnessError: There is no such model, it cannot be measured, or the settings cannot be used.
    """
    bounds = Bounds(trials=trials, time_s=time_s)
    sources = find_noise_sources(detect_machine().environment)
    with _entry(model) as entry, Progress() as progress, DisturbanceReader() as reader:
        setup = _setup(progress)
        taken = sample_trials(entry, setup, bounds, reader=reader, clock=SystemClock(), sample=sample)
        noise = noise_of(taken, entry, setup, simulated)
    return Measured(noise=noise, sources=sources, is_built_in=model is None)


@contextmanager
def _entry(model: str | None) -> Iterator[SuiteEntry]:
    """Make the model at hand, as a file, while it is measured."""
    if model is None:
        with resources.as_file(resources.files("pytest_energy.runner").joinpath(_BUILT_IN)) as path:
            yield model_entry(path, _BUILT_IN)[0]
        return
    require_model(Path(model), model)
    yield model_entry(Path(model).resolve(), model)[0]


def _setup(progress: Progress) -> Setup:
    """Return what a run of pytest in this project would hold fixed."""
    root = project_root(Path.cwd())
    settings = read_settings({}, read_project(root), root, Path.cwd())
    return Setup(
        conditions=conditions_of(settings, os.environ),
        limits=limits_of(settings),
        plan=plan_for(settings, Overrides()),
        progress=progress.say,
    )
