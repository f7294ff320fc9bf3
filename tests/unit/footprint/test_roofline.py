import pytest

from pytest_energy.footprint.embodied import devices
from pytest_energy.footprint.roofline import StepWork, peaks
from pytest_energy.power.catalogue import all_accelerators

L4 = peaks()["nvidia-l4"]


def test_a_step_takes_as_long_as_the_slower_of_computing_and_moving():
    assert L4.least_s(StepWork(macs=30.3e12 / 2, bytes=1), "float32") == pytest.approx(1.0)
    assert L4.least_s(StepWork(macs=1, bytes=300e9), "float32") == pytest.approx(1.0)


def test_a_smaller_number_format_computes_faster_and_moves_no_faster():
    computing, moving = StepWork(macs=1e12, bytes=1), StepWork(macs=1, bytes=1e9)
    assert L4.least_s(computing, "int8") < L4.least_s(computing, "float16") < L4.least_s(computing, "float32")
    assert L4.least_s(moving, "int8") == L4.least_s(moving, "float32")


@pytest.mark.parametrize(("name", "one"), peaks().items(), ids=peaks())
def test_every_accelerator_has_plausible_peaks_a_source_and_a_power_profile(name, one):
    assert name in {profile.id for profile in all_accelerators()}
    assert one.operations_per_s["float32"] < one.operations_per_s["float16"]
    # Between a processor and anything built yet, in operations per byte.
    assert 5 < one.operations_per_s["float32"] / one.bytes_per_s < 200
    assert one.source
    assert not one.embodied or one.embodied in devices()
