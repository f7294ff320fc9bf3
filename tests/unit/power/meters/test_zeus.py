"""What zeus reads, by a double of the package: parts without a sensor are unmeasured, not 0."""

import pytest

from pytest_energy.errors import MeterUnavailable
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.power.meters.zeus import open_zeus_amd, open_zeus_soc
from pytest_energy.power.meters.zeus_double import AmdGpu, AmdGpus, Chip, ZeusDouble

NO_CLOCK = float


def test_apple_silicon_tells_its_parts():
    chip = Chip(fields={"cpu_total_mj": 1000, "dram_mj": 200, "gpu_mj": None, "ane_mj": 0})
    meter = open_zeus_soc(ZeusDouble(chip=chip))
    assert [each.name for each in meter.components] == ["cpu", "dram", "npu"]
    before = meter.read()
    chip.fields = {"cpu_total_mj": 3500, "dram_mj": 300, "gpu_mj": None, "ane_mj": 0}
    assert meter.read().since(before) == pytest.approx({"cpu": 2.5, "dram": 0.1, "npu": 0.0})


def test_jetson_tells_its_rails():
    chip = Chip(fields={"cpu_energy_mj": 10, "gpu_energy_mj": 20, "total_energy_mj": 50})
    assert open_zeus_soc(ZeusDouble(chip=chip)).read().energy_j == pytest.approx(
        {"cpu": 0.01, "gpu": 0.02, "soc": 0.05}
    )


def test_a_chip_without_sensors_is_unmeasured():
    with pytest.raises(MeterUnavailable, match="none of its sensors"):
        open_zeus_soc(ZeusDouble(chip=Chip(fields={"cpu_total_mj": None})))


def test_a_machine_that_zeus_does_not_know():
    with pytest.raises(MeterUnavailable, match="No observable SoC"):
        open_zeus_soc(ZeusDouble())


def test_an_amd_gpu_that_counts():
    gpu = AmdGpu(energy_mj=4000)
    meter = open_zeus_amd(GpuAddress(ordinal=1), NO_CLOCK, ZeusDouble(gpus=AmdGpus(gpus=[AmdGpu(), gpu])))
    before = meter.read()
    gpu.energy_mj = 5000
    assert meter.read().since(before) == {"gpu": 1.0}
    meter.close()


def test_an_amd_gpu_whose_counter_is_not_trusted_is_sampled():
    gpu = AmdGpu(energy_mj=None, power_mw=100_000)
    times = iter([0.0, 1.0, 2.0])
    meter = open_zeus_amd(GpuAddress(), lambda: next(times), ZeusDouble(gpus=AmdGpus(gpus=[gpu])))
    meter.close()  # the thread: samples are taken by hand here
    before = meter.read()
    assert meter.read().since(before) == {"gpu": 100.0}
    assert meter.method == "sampled AMD power"


@pytest.mark.parametrize(
    ("zeus", "address", "words"),
    [
        (ZeusDouble(), GpuAddress(), "amdsmi cannot be used"),
        (ZeusDouble(gpus=AmdGpus(gpus=[])), GpuAddress(), "no AMD GPU"),
        (ZeusDouble(gpus=AmdGpus(gpus=[AmdGpu()])), GpuAddress(ordinal=1), "cannot be told"),
        (ZeusDouble(gpus=AmdGpus(gpus=[AmdGpu()])), GpuAddress(ordinal=None), "cannot be told"),
        (ZeusDouble(gpus=AmdGpus(gpus=[AmdGpu(energy_mj=None)])), GpuAddress(), "not supported"),
    ],
)
def test_what_cannot_be_read_is_unavailable(zeus, address, words):
    with pytest.raises(MeterUnavailable, match=words):
        open_zeus_amd(address, NO_CLOCK, zeus)


def test_a_gpu_that_fails_later_is_no_zero():
    gpu = AmdGpu(energy_mj=4000)
    meter = open_zeus_amd(GpuAddress(), NO_CLOCK, ZeusDouble(gpus=AmdGpus(gpus=[gpu])))
    gpu.energy_mj = None
    with pytest.raises(MeterUnavailable, match="not supported"):
        meter.read()
