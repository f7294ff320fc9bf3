"""NVIDIA GPUs by a double of their library: the counter, what stands in for it, and what may go wrong."""

import pytest

from pytest_energy.errors import MeterDenied, MeterUnavailable
from pytest_energy.power.meters import nvml_double as nvml
from pytest_energy.power.meters.gpu_in_use import GpuAddress
from pytest_energy.power.meters.nvidia import open_nvidia
from pytest_energy.power.meters.nvml_double import Gpu, NvmlDouble

NO_CLOCK = float


@pytest.fixture
def pynvml():
    return pytest.importorskip("pynvml", reason="nvidia-ml-py, of the extra test, is not installed")


def opened(library, address=None, now=NO_CLOCK):
    return open_nvidia(address or GpuAddress(), now, library)


def test_the_double_has_no_name_that_the_library_lacks(pynvml):
    names = [name for name in dir(NvmlDouble) if name.startswith(("nvml", "NVML"))]
    assert len(names) > 10
    assert [name for name in names if not hasattr(pynvml, name)] == []


def test_the_errors_of_the_double_are_related_as_the_librarys_are(pynvml):
    for name in ("NotSupported", "NoPermission", "LibraryNotFound", "DriverNotLoaded", "GpuIsLost"):
        assert issubclass(getattr(pynvml, f"NVMLError_{name}"), pynvml.NVMLError)
        assert issubclass(getattr(nvml, f"NVMLError_{name}"), nvml.NVMLError)


def test_the_counter_is_read_in_millijoules():
    gpu = Gpu(energy_mj=5_000)
    library = NvmlDouble(gpus=[gpu])
    meter = opened(library)
    before = meter.read()
    gpu.energy_mj = 7_500
    assert meter.read().since(before) == {"gpu": 2.5}
    assert meter.method == "measured NVML energy counter"
    assert "NVIDIA A100" in meter.components[0].boundary
    meter.close()
    assert library.users == 0


def test_a_driver_that_was_reloaded_loses_the_window():
    gpu = Gpu(energy_mj=5_000)
    meter = opened(NvmlDouble(gpus=[gpu]))
    before = meter.read()
    gpu.energy_mj = 10
    with pytest.raises(MeterUnavailable, match="backwards"):
        meter.read().since(before)


def test_a_gpu_that_is_lost_is_no_zero():
    gpu = Gpu()
    meter = opened(NvmlDouble(gpus=[gpu]))
    gpu.fault = nvml.NVMLError_GpuIsLost("GPU is lost")
    with pytest.raises(MeterUnavailable, match="GPU is lost"):
        meter.read()


def test_without_a_counter_power_is_sampled_and_integrated():
    gpu = Gpu(energy_mj=None, power_mw=40_000)
    times = iter([0.0, 1.0, 3.0])
    meter = opened(NvmlDouble(gpus=[gpu]), now=lambda: next(times))
    meter.sampled.stop()  # the thread: samples are taken by hand here
    before = meter.read()
    gpu.power_mw = 60_000
    assert meter.read().since(before)["gpu"] == pytest.approx(2.0 * 50.0)
    assert meter.method == "sampled NVML power"


def test_a_gpu_that_tells_nothing_is_unavailable():
    library = NvmlDouble(gpus=[Gpu(energy_mj=None, power_mw=None)])
    with pytest.raises(MeterUnavailable, match="Not Supported"):
        opened(library)
    assert library.users == 0


@pytest.mark.parametrize("fault", [nvml.NVMLError_LibraryNotFound("x"), nvml.NVMLError_DriverNotLoaded("x")])
def test_a_machine_without_driver_is_told_what_may_help(fault):
    with pytest.raises(MeterUnavailable, match="--gpus"):
        opened(NvmlDouble(init_fault=fault))


def test_permission_denied_is_told_apart():
    library = NvmlDouble(gpus=[Gpu(fault=nvml.NVMLError_NoPermission("Insufficient Permissions"))])
    with pytest.raises(MeterDenied, match="capability `utility`"):
        opened(library)
    assert library.users == 0


def test_a_machine_without_gpus():
    with pytest.raises(MeterUnavailable, match="no GPU"):
        opened(NvmlDouble())


def two(**second):
    return NvmlDouble(gpus=[Gpu(uuid="GPU-aa"), Gpu(uuid="GPU-bb", name="other", **second)])


def reads(library, address):
    return library.gpus.index(opened(library, address).handle)


def test_of_several_gpus_the_one_that_the_process_uses_is_read():
    assert reads(two(pids=[7, 42]), GpuAddress(pid=42)) == 1


def test_where_the_driver_does_not_know_the_process_cudas_list_tells():
    address = GpuAddress(pid=42, variables={"CUDA_VISIBLE_DEVICES": "GPU-bb,GPU-aa"})
    assert reads(two(), address) == 1


def test_the_ordinal_counts_within_the_list():
    variables = {"CUDA_VISIBLE_DEVICES": "1,0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    assert reads(two(), GpuAddress(ordinal=0, variables=variables)) == 1
    assert reads(two(), GpuAddress(ordinal=1, variables=variables)) == 0


def test_alike_gpus_are_numbered_alike():
    library = NvmlDouble(gpus=[Gpu(uuid="GPU-aa"), Gpu(uuid="GPU-bb")])
    assert reads(library, GpuAddress(ordinal=1)) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (GpuAddress(ordinal=1), "CUDA_DEVICE_ORDER=PCI_BUS_ID"),
        (GpuAddress(ordinal=5), "no GPU 5 among 2"),
        (GpuAddress(ordinal=None), "runs on another one"),
        (GpuAddress(variables={"CUDA_VISIBLE_DEVICES": "GPU-cc"}), "none of the GPUs"),
        (GpuAddress(variables={"CUDA_VISIBLE_DEVICES": ""}), "none of the GPUs"),
        (GpuAddress(variables={"CUDA_VISIBLE_DEVICES": "9"}), "shows 2 only"),
        (GpuAddress(variables={"CUDA_VISIBLE_DEVICES": "MIG-x"}), "MIG slices"),
    ],
)
def test_what_cannot_be_told_is_unavailable(address, words):
    with pytest.raises(MeterUnavailable, match=words):
        opened(two(), address)


def test_a_divided_gpu_has_no_counter_of_ones_own():
    with pytest.raises(MeterUnavailable, match="MIG slices"):
        opened(NvmlDouble(gpus=[Gpu(mig=True)]))


def test_a_gpu_that_could_be_divided_and_is_not_is_read():
    assert opened(NvmlDouble(gpus=[Gpu(mig=False, energy_mj=1000)])).read().energy_j == {"gpu": 1.0}
