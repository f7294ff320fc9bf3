"""A model that is never run, and processes that only seem to have run it."""

from dataclasses import replace

import pytest

from pytest_energy.environment import detect_machine
from pytest_energy.footprint.pue import pue_of
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessSamples
from pytest_energy.runner.conditions import find_conditions
from pytest_energy.runner.sampled import Sampled
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.limits import Limits
from pytest_energy.workloads.suite import model_entry

FACTORS = Factors(python="3.12.1", numpy="2.3.0", onnxruntime="1.31.0", reference="sgemm-320 blas")


@pytest.fixture
def entry(tmp_path):
    path = tmp_path / "small.onnx"
    path.write_bytes(b"\x08\x08\x12\x00")
    (made,) = model_entry(path, "small.onnx")
    return made


@pytest.fixture
def setup(tmp_path):
    machine = detect_machine(tmp_path)
    conditions = find_conditions(
        machine, {}, profile="generic-cpu", region=None, intensity=100.0, pue=pue_of("1")
    )
    return Setup(conditions=conditions, limits=Limits(silence_s=1.0))


@pytest.fixture
def said(setup):
    """A set-up, and the list of what it says of its progress."""
    words = []
    return replace(setup, progress=words.append), words


def process_of(cost, *, waited=0.0, number=0):
    """One process of one millisecond of reference, whose steps waited for a share of their time."""
    cpu_s = cost * 1e-3
    samples = ProcessSamples(
        process=number,
        steps_per_block=1,
        step_cpu_s=(cpu_s, cpu_s),
        step_duration_s=(cpu_s, cpu_s / (1 - waited)),
        reference_cpu_s=(1e-3, 1e-3),
    )
    return (Sampled(samples=samples, factors=FACTORS),)


@pytest.fixture
def process():
    return process_of
