"""Callables that live in pytest's own process: sampled there, as one process."""

import platform
import sys
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import Policy
from pytest_energy.gate.verdict import Verdict
from pytest_energy.measurement.clock import Clock, SystemClock
from pytest_energy.measurement.interleave import BlockReading
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.quality import Counters, DisturbanceReader
from pytest_energy.measurement.reference import reference_identity, reference_step
from pytest_energy.measurement.sampler import sample
from pytest_energy.measurement.schedule import Schedule, sample_reading, sample_schedule
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.results.factors import Factors
from pytest_energy.results.samples import ProcessSamples
from pytest_energy.runner.confirmation import Evidence
from pytest_energy.runner.result_of_samples import build_result
from pytest_energy.runner.sampled import Sampled
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.session import thread_variables

Work = Callable[[], object] | Schedule | BlockReading
"""What is sampled: a step that may run as often as measuring it needs, a schedule that says how often, or the
reading of one that has run already and cannot run again."""


def callable_evidence(
    benchmark: Benchmark,
    work: Work,
    baseline: Baseline | None,
    policy: Policy,
    setup: Setup,
) -> Evidence[Sampled]:
    """Return evidence on a callable, still to be sampled.

    Samplings of one process are no independent evidence: each look judges the newest alone.
    """

    def sample_here(samplings: range) -> list[Sampled]:
        setup.progress(f"{benchmark.id}: in this process")
        return [sample_callable(work, setup.plan, SystemClock(), seed) for seed in samplings]

    def judged(taken: Sequence[Sampled]) -> Verdict:
        result = build_result(
            benchmark, taken[-1:], setup.conditions, model_hash=None, confidence=policy.confidence
        )
        return judge(result, baseline, policy)

    return Evidence(sample=sample_here, judge=judged)


def sample_callable(work: Work, plan: Plan, clock: Clock, seed: int) -> Sampled:
    """Sample a callable here and now, interleaved with the reference on one BLAS thread."""
    return Sampled(samples=_samples(work, plan, clock, seed), factors=_factors())


def _samples(work: Work, plan: Plan, clock: Clock, seed: int) -> ProcessSamples:
    if isinstance(work, BlockReading):
        return sample_reading(work, _reference(), clock=clock)
    if isinstance(work, Schedule):
        return sample_schedule(work, _reference(), clock=clock, seed=seed, watch=_watch())
    return sample([work], _reference(), clock=clock, plan=plan, process=0, seed=seed, watch=_watch())[0]


@cache
def _watch() -> Callable[[], Counters]:
    return DisturbanceReader().read


@cache
def _reference() -> Callable[[], object]:
    multiply = reference_step()
    blas = ThreadpoolController().select(user_api="blas")

    def reference() -> None:
        # Only for the reference: the user's own callable keeps the threads that it would have.
        with blas.limit(limits=1):
            multiply()

    return reference


def _factors() -> Factors:
    runtime = sys.modules.get("onnxruntime")
    return Factors(
        python=platform.python_version(),
        numpy=np.__version__,
        onnxruntime=getattr(runtime, "__version__", None),
        reference=reference_identity(),
        variables=thread_variables(),
    )
