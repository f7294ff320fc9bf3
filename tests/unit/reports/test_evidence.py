"""Lines of evidence on what was measured, and on what it took to start."""

from dataclasses import replace

from pytest_energy.reports.evidence import evidence
from pytest_energy.results.energy import MeasuredEnergy
from pytest_energy.results.phase import Phase
from pytest_energy.results.training import InputPipelineCost, TrainingRecord

MEASURED = MeasuredEnergy(
    component="cpu",
    energy_j=0.0123,
    random_j=0.0004,
    power_w=41.26,
    method="measured RAPL package",
    boundary="1 whole package: idle power and neighbours included",
    windows=4,
)


def lines(verdict, **parts):
    return list(evidence(replace(verdict, result=replace(verdict.result, **parts))))


def test_what_is_measured_stands_beside_what_is_modelled(verdict):
    made = verdict()
    said = lines(made, energy=replace(made.result.energy, measured=(MEASURED,)))
    assert (
        "cpu 12.3±0.4 mJ, measured RAPL package over 4 windows at 41.3 W "
        "(1 whole package: idle power and neighbours included); not gated"
    ) in said


def test_without_meters_nothing_is_said_of_them(verdict):
    assert not any("measured" in line for line in lines(verdict()))


def test_the_start_is_told_apart_with_time_and_energy(verdict):
    start = (Phase(name="first run", duration_s=0.0123, cpu_s=0.0101, energy_j=0.05),)
    assert "first run: 12.3 ms, 10.1 ms of CPU time, 50.0 mJ" in lines(verdict(), start=start)


def test_the_share_of_an_input_pipeline_is_told(verdict):
    pipeline = InputPipelineCost(
        cpu_s=(0.01, 0.02, 0.03), duration_s=(0.1,) * 3, cpu_share=0.0042, duration_share=0.61, energy_j=0.5
    )
    run = TrainingRecord(batches=4, ending="end", losses=(1.0,), pipeline=pipeline)
    assert (
        "input pipeline: 0.42 % of the run's CPU time (20.0 ms), 61 % of its wall time (100 ms), 500 mJ; "
        "in the figure, which is the whole run's"
    ) in lines(verdict(), training=run)
    assert not any(
        line.startswith("input pipeline") for line in lines(verdict(), training=replace(run, pipeline=None))
    )
