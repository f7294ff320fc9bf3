"""The evidence of a verdict, for readers who ask for more: bands, processes, placement, factors."""

import statistics
from collections.abc import Iterator, Mapping

from pytest_energy.gate.verdict import Verdict
from pytest_energy.quantities import format_quantity
from pytest_energy.reports import figures
from pytest_energy.reports.summary import plural
from pytest_energy.results.agreement import Agreement
from pytest_energy.results.codec import to_plain
from pytest_energy.results.energy import MeasuredEnergy
from pytest_energy.results.factors import Factors
from pytest_energy.results.phase import Phase
from pytest_energy.results.placement import Placement
from pytest_energy.results.result import Result
from pytest_energy.results.training import InputPipelineCost, TrainingRecord


def evidence(verdict: Verdict) -> Iterator[str]:
    """Yield one line per piece of evidence, the factors last. What is unknown is called so."""
    yield from measured(verdict)
    yield f"factors: {'; '.join(_factors(verdict.result.factors))}"


def measured(verdict: Verdict) -> Iterator[str]:
    """Yield one line per piece of evidence, without the factors."""
    result = verdict.result
    yield f"energy {figures.energy(result)}; {figures.systematic(result)} by the band of its profile"
    if result.benchmark.mode == "training":
        yield _per_sample(result)
    if result.training is not None:
        yield _training_run(result.training)
        yield from _input_pipeline(result.training.pipeline)
    yield f"DRAM {format_quantity(result.energy.parts_j.get('dram'), 'J')}, not gated"
    if "wait" in result.energy.parts_j:
        yield _wait(result)
    yield from (_measured(each) for each in result.energy.measured)
    yield from (_phase(each) for each in result.start)
    yield figures.score(result)
    if verdict.latency:
        yield f"latency {figures.change(verdict.latency)}"
    yield f"cost of each process, in units of the reference: {_costs(result)}"
    yield f"placement: {'; '.join(_placement(result.placement))}"
    if result.placement and result.placement.fallback:
        yield f"nodes elsewhere: {'; '.join(result.placement.fallback)}"
    if result.placement and result.placement.reasons:
        yield f"why: {'; '.join(result.placement.reasons)}"
    if result.agreement:
        yield _agreement(result.agreement)


def _per_sample(result: Result) -> str:
    batch = result.benchmark.batch
    energy = format_quantity(result.energy_per_sample_j, "J")
    carbon = format_quantity(result.carbon_per_sample_g, "g")
    built = "" if result.step_build_s is None else f"; built in {format_quantity(result.step_build_s, 's')}"
    return f"training step: {energy} and {carbon}CO2e per sample, {plural(batch, 'sample')} per batch{built}"


ENDINGS = {"target": "reached its target", "patience": "ran out of patience", "end": "came to its end"}
"""Why a run of training was over, in words."""


def _training_run(run: TrainingRecord) -> str:
    return (
        f"a step is a whole run of training: it {ENDINGS[run.ending]} after {plural(run.batches, 'batch')}, "
        f"mean loss {run.losses[0]:.4g} in the first pass and {run.losses[-1]:.4g} in the last"
    )


def _input_pipeline(one: InputPipelineCost | None) -> Iterator[str]:
    if one is None:
        return
    cpu, wall = (format_quantity(statistics.median(each), "s") for each in (one.cpu_s, one.duration_s))
    yield (
        f"input pipeline: {figures.small_share(one.cpu_share)} of the run's CPU time ({cpu}), "
        f"{figures.small_share(one.duration_share)} of its wall time ({wall}), "
        f"{format_quantity(one.energy_j, 'J')}; in the figure, which is the whole run's"
    )


def _wait(result: Result) -> str:
    pace = format_quantity(result.benchmark.pace_s, "s")
    wait = format_quantity(result.energy.parts_j["wait"], "J")
    return f"idle power while waiting, one step every {pace}: {wait} per step by the profile, not gated"


def _measured(one: MeasuredEnergy) -> str:
    figure = format_quantity(one.energy_j, "J", one.random_j)
    return (
        f"{one.component} {figure}, {one.method} over {one.windows} windows at {one.power_w:.3g} W "
        f"({one.boundary}); not gated"
    )


def _agreement(one: Agreement) -> str:
    return (
        f"agreement with the CPU provider: {one.output} deviates by {one.deviation:.2g} of its largest "
        f"entry, {one.tolerance:g} is allowed; outputs: {one.outputs}"
    )


def _phase(one: Phase) -> str:
    return (
        f"{one.name}: {format_quantity(one.duration_s, 's')}, {format_quantity(one.cpu_s, 's')} of CPU time, "
        f"{format_quantity(one.energy_j, 'J')}"
    )


def _costs(result: Result) -> str:
    return " ".join(f"{one.cost:.4g}" for one in result.processes)


def _placement(placement: Placement | None) -> Iterator[str]:
    if placement is None or not placement.total:
        yield "unknown"
        return
    yield ", ".join(f"{name} {count} of {placement.total} nodes" for name, count in placement.nodes.items())
    if placement.time_share is not None:
        yield f"{figures.share(placement.time_share)} of the time on {placement.requested}"
    if placement.partitions is not None and placement.memcpy is not None:
        yield f"{plural(placement.partitions, 'partition')}, copies between providers: {placement.memcpy}"
    if placement.sources:
        yield f"by {', '.join(placement.sources)}"
    if placement.disputed:
        yield f"sources disagree: {placement.disputed}; the profile is believed"


def _factors(factors: Factors) -> Iterator[str]:
    plain: Mapping[str, object] = to_plain(factors)
    for name, value in plain.items():
        if isinstance(value, Mapping):
            yield from (f"{key}={text}" for key, text in sorted(value.items()))
        elif name != "elsewhere" and value not in (None, ""):
            yield f"{name} {figures.factor_value(str(value))}"
