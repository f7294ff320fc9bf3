"""What this machine is: the part of a figure that no change of code can explain."""

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

# Instruction sets that ONNX Runtime and OpenVINO choose kernels by.
_ISA_FLAGS = {
    "sse4_1",
    "avx",
    "f16c",
    "fma",
    "avx2",
    "avx_vnni",
    "avx512f",
    "avx512bw",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_tile",
    "amx_int8",
    "amx_bf16",
    "asimd",
    "asimddp",
    "asimdhp",
    "i8mm",
    "bf16",
    "sve",
    "sve2",
}
# The most telling instruction set, best first: what a reader needs to know of the list above.
_ISA_CLASSES = (
    "amx_int8",
    "avx512_vnni",
    "avx512f",
    "avx_vnni",
    "avx2",
    "avx",
    "sve2",
    "sve",
    "i8mm",
    "asimddp",
)
# What tells processors apart in /proc/cpuinfo: the first two on x86, the others on Arm, which names no brand.
_MODEL_FIELDS = ("cpu family", "model", "CPU implementer", "CPU part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A class of machines on which figures may be compared directly.

    Library versions are no part of it: upgrading ONNX Runtime is a change that must be caught.

    Attributes:
        os: Operating system, e.g. ``linux``.
        arch: Machine architecture, e.g. ``x86_64``.
        cpu: Brand string of the processor.
        cpu_model: Vendor's family and model number, where virtual machines hide the brand.
        logical_cpus: Processors that this process may use.
        isa: Instruction sets by which kernels are chosen, sorted.
        virtual: Whether a hypervisor is present.
    """

    os: str
    arch: str
    cpu: str
    cpu_model: str
    logical_cpus: int
    isa: tuple[str, ...]
    virtual: bool

    @property
    def id(self) -> str:
        """A readable, file-name-safe name that stays the same from run to run."""
        return _id(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is needed to choose a power profile, beyond what makes figures comparable.

    Attributes:
        environment: What makes figures comparable.
        physical_cores: Cores that the machine shows; None where it does not tell.
        memory_gib: Main memory; None where it cannot be read.
        vendor: DMI system vendor, e.g. ``Microsoft Corporation``; None where it cannot be read.
        product: DMI product name; None where it cannot be read.
    """

    environment: Environment
    physical_cores: int | None
    memory_gib: float | None
    vendor: str | None
    product: str | None


def detect_machine(root: Path = Path("/")) -> Machine:
    """Read what this machine is.

    Args:
        root: Where ``proc`` and ``sys`` are mounted; another folder in tests.
    """
    fields = _cpu_fields(_text(root / "proc/cpuinfo") or "")
    flags = (fields.get("flags") or fields.get("Features") or "").split()
    environment = Environment(
        os=platform.system().lower(),
        arch=platform.machine(),
        cpu=fields.get("model name") or platform.processor() or "unknown-cpu",
        cpu_model="-".join(fields[key] for key in _MODEL_FIELDS if key in fields),
        logical_cpus=_usable_cpus(),
        isa=tuple(sorted(set(flags).intersection(_ISA_FLAGS))),
        virtual="hypervisor" in flags,
    )
    return Machine(
        environment=environment,
        physical_cores=_physical_cores(_text(root / "proc/cpuinfo") or ""),
        memory_gib=_memory_gib(_text(root / "proc/meminfo") or ""),
        vendor=_text(root / "sys/class/dmi/id/sys_vendor"),
        product=_text(root / "sys/class/dmi/id/product_name"),
    )


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None


def _cpu_fields(cpuinfo: str) -> Mapping[str, str]:
    """Return the fields of the first processor."""
    first = cpuinfo.split("\n\n", maxsplit=1)[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _physical_cores(cpuinfo: str) -> int | None:
    """Count distinct (socket, core) pairs."""
    cores = set()
    for block in cpuinfo.split("\n\n"):
        fields = _cpu_fields(block)
        if "core id" in fields:
            cores.add((fields.get("physical id", "0"), fields["core id"]))
    return len(cores) or None


def _memory_gib(meminfo: str) -> float | None:
    match = re.search(r"^MemTotal:\s+(\d+) kB", meminfo, re.MULTILINE)
    return round(int(match[1]) / 2**20, 1) if match else None


@lru_cache(maxsize=64)  # ids are compared again and again, and there are few
def _id(environment: Environment) -> str:
    isa = next((name for name in _ISA_CLASSES if name in environment.isa), "plain")
    cpus = f"{environment.logical_cpus}cpu"
    parts = (environment.os, environment.arch, environment.cpu, environment.cpu_model, cpus, isa)
    return "-".join(filter(None, (_slug(part) for part in parts)))


def _slug(text: str) -> str:
    """Lower-case, with the noise words of brand strings left out."""
    plain = re.sub(r"\((r|tm)\)|\bcpu\b(?=\s|$)|@.*|\b\d+-core processor\b", " ", text.lower())
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")
