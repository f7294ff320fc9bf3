"""Which of several GPUs a process uses: the others' energy is none of its business."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_energy.errors import MeterUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuAddress:
    """What is known of the GPU that a process uses.

    Attributes:
        pid: The process, once it has the GPU open; None where it is not known.
        ordinal: Number of the GPU as CUDA or HIP counts in that process: the provider option ``device_id``.
            None where the provider counts in another way; then only the driver knows which one it is.
        variables: Environment variables of that process.
    """

    pid: int | None = None
    ordinal: int | None = 0
    variables: Mapping[str, str] = field(default_factory=dict)


def gpu_in_use(nvml: Any, address: GpuAddress) -> Any:
    """Return the NVML handle of the one GPU that a process uses.

    The driver knows which processes use which GPU, and is asked first. In a container it numbers them
    otherwise, and knows none of ours; then CUDA's own rules tell: what is visible, in which order.

    Args:
        nvml: The library, initialised.
        address: What is known.

    Raises:
        MeterUnavailable: There is none, it cannot be told which, or it is a slice of one.
        NVMLError: The library cannot tell.
    """
    handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
    if not handles:
        raise MeterUnavailable("NVML shows no GPU.")
    used = [handle for handle in handles if address.pid in set(_processes(nvml, handle))]
    handle = used[0] if len(used) == 1 else _visible(nvml, handles, address)
    _refuse_slice(nvml, handle)
    return handle


def _processes(nvml: Any, handle: Any) -> Iterator[int]:
    for processes_of in (
        nvml.nvmlDeviceGetComputeRunningProcesses,
        nvml.nvmlDeviceGetGraphicsRunningProcesses,
    ):
        try:
            yield from (process.pid for process in processes_of(handle))
        except nvml.NVMLError:  # not told on every GPU, nor to every user
            continue


def _visible(nvml: Any, handles: Sequence[Any], address: GpuAddress) -> Any:
    """Return the GPU that CUDA calls by the ordinal."""
    if address.ordinal is None:
        raise MeterUnavailable(
            "The driver knows no GPU that this process uses: it runs on another one, or in a container."
        )
    listed = address.variables.get("CUDA_VISIBLE_DEVICES")
    # CUDA stops reading the list at the first entry that is no GPU.
    entries = [str(index) for index in range(len(handles))] if listed is None else listed.split(",")
    if not 0 <= address.ordinal < len(entries):
        raise MeterUnavailable(
            f"There is no GPU {address.ordinal} among {len(entries)} (CUDA_VISIBLE_DEVICES is {listed!r})."
        )
    entry = entries[address.ordinal].strip()
    if entry.startswith("MIG-"):
        raise MeterUnavailable(_SLICE)
    if entry.isdecimal():
        return _numbered(nvml, handles, int(entry), address.variables)
    alike = [handle for handle in handles if entry and _uuid(nvml, handle).startswith(entry)]
    if len(alike) != 1:
        raise MeterUnavailable(
            f"CUDA_VISIBLE_DEVICES names {entry!r}, which is none of the GPUs that NVML shows."
        )
    return alike[0]


def _numbered(nvml: Any, handles: Sequence[Any], number: int, variables: Mapping[str, str]) -> Any:
    """Return a GPU by CUDA's number: NVML counts by PCI bus, CUDA by speed unless it is told otherwise."""
    if number >= len(handles):
        raise MeterUnavailable(f"CUDA would use GPU {number}, but NVML shows {len(handles)} only.")
    if len(handles) > 1 and variables.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
        names = {str(nvml.nvmlDeviceGetName(handle)) for handle in handles}
        if len(names) > 1:
            raise MeterUnavailable(
                f"Which of {len(handles)} different GPUs is in use cannot be told: CUDA numbers them by "
                "speed. Set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name one by its UUID in CUDA_VISIBLE_DEVICES."
            )
    return handles[number]


def _refuse_slice(nvml: Any, handle: Any) -> None:
    try:
        current, _ = nvml.nvmlDeviceGetMigMode(handle)
    except nvml.NVMLError_NotSupported:  # a GPU that cannot be sliced
        return
    if current:
        raise MeterUnavailable(_SLICE)


def _uuid(nvml: Any, handle: Any) -> str:
    uuid = nvml.nvmlDeviceGetUUID(handle)
    return uuid.decode() if isinstance(uuid, bytes) else str(uuid)


_SLICE = (
    "The GPU is divided into MIG slices: a slice has no energy counter, and the GPU's own bills all of them. "
    "Measure on an undivided GPU."
)
