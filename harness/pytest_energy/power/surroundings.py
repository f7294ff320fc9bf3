"""The surroundings of a process: board, cloud instance, hypervisor and accelerators, from files alone."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BOARD_FILES = ("proc/device-tree/model", "sys/firmware/devicetree/base/model")
# cloud-init leaves what the cloud told it at boot where everybody may read it; secrets are taken out.
_METADATA_FILE = "run/cloud-init/instance-data.json"
_INSTANCE_KEYS = ("instance-type", "instance_type", "vmSize", "machine-type", "machineType")
# Nitro machines of AWS name their instance type as the product.
_INSTANCE_TYPE = re.compile(r"[a-z][a-z0-9-]+\.(?:\d*x?large|medium|small|micro|nano|metal(?:-\d+xl)?)")
_HYPERVISORS = {
    "amazon ec2": "AWS Nitro",
    "google": "Google Compute Engine",
    "microsoft corporation": "Hyper-V",
    "qemu": "QEMU/KVM",
    "vmware": "VMware",
    "innotek": "VirtualBox",
    "xen": "Xen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a machine's files tell beyond its processor.

    Attributes:
        board: Name of a board by its device tree; None where there is none.
        instance: Type of a cloud instance, e.g. ``c5.large``; None where no file tells.
        hypervisor: Name of the hypervisor, where it can be told; else None.
        accelerators: Whose driver shows one, ``nvidia`` or ``amd``, with the name that it writes.
        cpu_quota: CPUs that the control group may use on average; infinity without a limit, None if unknown.
    """

    board: str | None = None
    instance: str | None = None
    hypervisor: str | None = None
    accelerators: tuple[tuple[str, str], ...] = ()
    cpu_quota: float | None = None


def read_surroundings(root: Path = Path("/"), cpu_quota: float | None = None) -> Surroundings:
    """Read what a machine's files tell. Nothing is asked of the network, and no tool is run.

    Args:
        root: Where ``proc``, ``sys`` and ``run`` are; another folder in tests.
        cpu_quota: CPUs that the control group may use, where the caller knows.
    """
    vendor = _text(root / "sys/class/dmi/id/sys_vendor")
    product = _text(root / "sys/class/dmi/id/product_name")
    return Surroundings(
        board=next(filter(None, (_text(root / file) for file in _BOARD_FILES)), None),
        instance=_instance(_text(root / _METADATA_FILE), product),
        hypervisor=_text(root / "sys/hypervisor/type") or _hypervisor(vendor),
        accelerators=(
            *(("nvidia", name) for name in _nvidia(root / "proc/driver/nvidia/gpus")),
            *(("amd", name) for name in _amd(root / "sys/class/drm")),
        ),
        cpu_quota=cpu_quota,
    )


def instance_family(instance: str) -> str:
    """Return what instances of all sizes share: ``c5`` of c5.large, ``das_v5`` of Standard_D4as_v5."""
    name = instance.lower().removeprefix("standard_")
    if "." in name:
        return name.partition(".")[0]
    if "_" in name:
        return re.sub(r"^([a-z]+)\d+", r"\1", name)
    return name.partition("-")[0]


def _instance(metadata: str | None, product: str | None) -> str | None:
    try:
        told = json.loads(metadata) if metadata else {}
    except ValueError:
        told = {}  # cloud-init was stopped while it wrote
    found = next(_values(told), None)
    if found is None and product and _INSTANCE_TYPE.fullmatch(product):
        return product
    return found.rpartition("/")[2] if found else None


def _values(told: Any) -> Iterator[str]:
    """Yield what stands under the keys that name an instance type, however deep."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            if key in _INSTANCE_KEYS and isinstance(value, str) and value:
                yield value
            yield from _values(value)


def _hypervisor(vendor: str | None) -> str | None:
    return next((name for word, name in _HYPERVISORS.items() if word in (vendor or "").lower()), None)


def _nvidia(folder: Path) -> Iterator[str]:
    for gpu in _folders(folder):
        match = re.search(r"^Model:\s*(.+)$", _text(gpu / "information") or "", re.MULTILINE)
        if match:
            yield match[1].strip()


def _amd(folder: Path) -> Iterator[str]:
    for card in _folders(folder):
        name = _text(card / "device/product_name") if re.fullmatch(r"card\d+", card.name) else None
        if name:
            yield name


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0 \n\t") or None
    except OSError:
        return None
