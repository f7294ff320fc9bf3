import pytest

from pytest_energy.measurement.clock import FakeClock
from pytest_energy.measurement.load import one_cpu_per_core
from pytest_energy.measurement.load_process import run


def test_a_load_runs_until_its_time_is_over_and_tells_how_busy_it_was():
    clock, steps = FakeClock(), []

    def step():
        steps.append(1)
        clock.advance(0.2, 0.25)

    cpu_s, wall_s = run(step, 1.0, clock)
    assert len(steps) == 4
    assert (cpu_s, wall_s) == (pytest.approx(0.8), pytest.approx(1.0))


def test_of_two_threads_on_one_core_the_first_is_used(tmp_path):
    usable = one_cpu_per_core(tmp_path)  # no topology: every CPU
    for cpu in usable:
        folder = tmp_path / f"sys/devices/system/cpu/cpu{cpu}/topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu // 2 * 2}-{cpu // 2 * 2 + 1}\n", encoding="ascii")
    assert one_cpu_per_core(tmp_path) == tuple(cpu for cpu in usable if cpu % 2 == 0 or cpu - 1 not in usable)
