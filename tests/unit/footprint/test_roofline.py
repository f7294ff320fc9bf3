import pytest

from pytest_energy.errors import ProfileError
from pytest_energy.footprint.embodied import devices
from pytest_energy.footprint.roofline import StepWork, accelerator_named, accelerators

L4 = accelerators()["nvidia-l4"]


def test_a_step_takes_as_long_as_the_slower_of_computing_and_moving():
    assert L4.least_s(StepWork(macs=30.3e12 / 2, bytes=1), "float32") == pytest.approx(1.0)
    assert L4.least_s(StepWork(macs=1, bytes=300e9), "float32") == pytest.approx(1.0)
    assert L4.least_j(StepWork(macs=1, bytes=300e9), "float32") == pytest.approx(0.8 * 72)


def test_a_smaller_number_format_computes_faster_and_moves_no_faster():
    computing, moving = StepWork(macs=1e12, bytes=1), StepWork(macs=1, bytes=1e9)
    assert L4.least_s(computing, "int8") < L4.least_s(computing, "float16") < L4.least_s(computing, "float32")
    assert L4.least_s(moving, "int8") == L4.least_s(moving, "float32")


@pytest.mark.parametrize("one", accelerators().values(), ids=accelerators())
def test_every_accelerator_has_plausible_peaks_and_a_source(one):
    assert 50 < one.rated_w < 1500
    assert one.peak_per_s["float32"] < one.peak_per_s["float16"]
    # Between a processor and anything built yet, in operations per byte.
    assert 5 < one.peak_per_s["float32"] / one.bytes_per_s < 200
    assert one.source
    assert not one.embodied or one.embodied in devices()


def test_the_beginning_of_a_name_is_enough():
    assert accelerator_named("NVIDIA-H100").id == "nvidia-h100-pcie-80-gb"


def test_an_unknown_name_offers_accelerators_and_profiles():
    with pytest.raises(ProfileError, match="Did you mean nvidia-l4"):
        accelerator_named("nvidia-l44")
    with pytest.raises(ProfileError, match="generic-cpu"):
        accelerator_named("generic-gpu", ("generic-cpu",))
