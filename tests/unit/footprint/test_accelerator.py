import pytest

from pytest_energy.footprint.accelerator import accelerator_energy_j, accelerator_marginal_j
from pytest_energy.power.catalogue import accelerator_named

T4 = accelerator_named("Tesla T4")


@pytest.mark.parametrize("utilisation", [0.0, 0.3, 1.0, None])
def test_energy_is_power_over_device_time_with_its_band(utilisation):
    energy = accelerator_energy_j(T4, 2.0, utilisation)
    assert energy.value == pytest.approx(2.0 * T4.power_w(utilisation))
    assert energy.low < energy.value <= energy.high
    assert energy.high <= 2.0 * T4.rated_w * 1.06


def test_what_work_adds_is_without_idle_power():
    whole = accelerator_energy_j(T4, 2.0, 0.5).value
    assert accelerator_marginal_j(T4, 2.0, 0.5) == pytest.approx(whole - 2.0 * T4.idle_w)
    assert accelerator_marginal_j(T4, 2.0, 0.0) == 0


def test_unknown_utilisation_has_the_wider_band():
    known, unknown = accelerator_energy_j(T4, 1.0, 0.9), accelerator_energy_j(T4, 1.0, None)
    assert unknown.low / unknown.value < known.low / known.value
