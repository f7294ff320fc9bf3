import pytest

from pytest_energy.errors import MeterUnavailable
from pytest_energy.power.calibration import fit_curve
from pytest_energy.power.meters.replay import ReplayMeter
from pytest_energy.runner.load_steps import LoadPlan, metered_steps, usable_meter
from pytest_energy.runner.simulated_machine import SimulatedClock, SimulatedMachine

CORES = 8


def power_w(busy, kind):
    """A concave curve, as real ones are; waiting for memory draws a tenth more."""
    return (12 + 60 * (busy / CORES) ** 0.7) * (1.1 if kind == "memory" else 1.0)


def steps_of(machine, cores=CORES, window_s=2.0):
    said = []
    plan = LoadPlan(cores=cores, window_s=window_s)
    return metered_steps(machine, machine, SimulatedClock(machine), plan, said.append), said


def test_calibration_finds_the_curve_of_a_simulated_machine():
    steps, said = steps_of(SimulatedMachine(power_w=power_w))
    fitted = fit_curve(steps, CORES)
    assert said == ["idle", *(f"compute on {count}" for count in range(1, 9)), "memory on 8"]
    for load, watts in fitted.curve:
        assert watts == pytest.approx(power_w(load * CORES, "compute"), rel=1e-3)
    assert fitted.band == (0.95, pytest.approx(1.1, abs=1e-3))
    assert fitted.extrapolated_from is None


def test_beside_neighbours_the_load_that_there_was_is_what_counts():
    steps, _ = steps_of(SimulatedMachine(power_w=power_w, throttle=0.6))
    fitted = fit_curve(steps, CORES)
    assert fitted.extrapolated_from == pytest.approx(0.6)
    for load, watts in fitted.curve[:-1]:
        assert watts == pytest.approx(power_w(load * CORES, "compute"), rel=1e-3)


def test_memory_is_metered_where_it_is_counted():
    machine = SimulatedMachine(power_w=power_w, memory_w=lambda busy, _: 3 + busy)
    steps, _ = steps_of(machine)
    assert steps[0].memory_w == pytest.approx(3)
    assert steps[-1].memory_w == pytest.approx(3 + CORES)


@pytest.mark.parametrize(
    ("cores", "levels"),
    [(1, (1,)), (2, (1, 2)), (8, (1, 2, 3, 4, 5, 6, 7, 8)), (64, (1, 10, 19, 28, 37, 46, 55, 64))],
)
def test_levels_reach_from_one_core_to_all(cores, levels):
    assert LoadPlan(cores=cores, window_s=1).levels == levels


def test_a_counter_that_stands_still_is_none():
    with pytest.raises(MeterUnavailable, match=r"simulated did not move in 2\.0 s \(idle\)"):
        steps_of(SimulatedMachine(power_w=lambda *_: 0.0))


def test_a_meter_of_something_else_is_not_used():
    gpu = ReplayMeter(readings=[], components=())
    cpu = ReplayMeter(readings=[])
    assert usable_meter([gpu, cpu]) is cpu
    assert usable_meter([gpu]) is None
