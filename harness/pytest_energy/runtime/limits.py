"""Limits of a worker: how long it may be silent, how long it may take, and how much memory it may hold."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from pytest_energy.measurement.cgroup import memory_limit, text_of
from pytest_energy.quantities import MemorySize, format_memory

LONGEST_OF_SILENCE = 10
"""How many times the longest silence a worker that measures may take in all."""

DEFAULT_SILENCE_S = 300.0
DEFAULT_MEMORY = MemorySize(share=0.75)

_SYSTEM = Path("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a worker may take before it is killed.

    Attributes:
        silence_s: The longest time without a sign of life, in s.
        memory_bytes: The most resident memory; None where nothing tells how much there is.
        silences: How many times the longest silence it may take in all, whatever signs of life it sends.
    """

    silence_s: float = DEFAULT_SILENCE_S
    memory_bytes: int | None = None
    silences: float = LONGEST_OF_SILENCE

    @property
    def total_s(self) -> float:
        """The longest time from the job to its end, in s."""
        return self.silences * self.silence_s


def limits_for(
    silence_s: float = DEFAULT_SILENCE_S, memory: MemorySize = DEFAULT_MEMORY, root: Path = _SYSTEM
) -> Limits:
    """Return limits, a share of memory taken of what this machine or its control group has.

    Args:
        silence_s: The longest silence, in s.
        memory: The most resident memory.
        root: Where ``proc`` and ``sys`` are mounted; another folder in tests.
    """
    if memory.size_bytes is not None or memory.share is None:
        return Limits(silence_s=silence_s, memory_bytes=memory.size_bytes)
    available = available_memory(root)
    return Limits(
        silence_s=silence_s, memory_bytes=None if available is None else int(memory.share * available)
    )


def available_memory(root: Path = _SYSTEM) -> int | None:
    """Return the memory in bytes that the machine has, or its control group may use; None if unknown."""
    known = [size for size in (_machine_memory(root), memory_limit(root)) if size is not None]
    return min(known, default=None)


def resident_memory(pid: int, root: Path = _SYSTEM) -> int | None:
    """Return the resident memory of a process in bytes; None where it is gone or nothing tells."""
    pages = (text_of(root / f"proc/{pid}/statm") or "").split()[1:2]
    return int(pages[0]) * os.sysconf("SC_PAGE_SIZE") if pages else None


def memory_fault(pid: int, limits: Limits, root: Path = _SYSTEM) -> str | None:
    """Say that a process holds more memory than it may; None where it does not, or nothing tells."""
    if limits.memory_bytes is None:
        return None
    resident = resident_memory(pid, root)
    if resident is None or resident <= limits.memory_bytes:
        return None
    return (
        f"It held {format_memory(resident)} of memory; the ceiling is {format_memory(limits.memory_bytes)}. "
        "Use a smaller batch or model, or raise --energy-memory if the machine has more to give."
    )


def _machine_memory(root: Path) -> int | None:
    found = re.search(r"^MemTotal:\s+(\d+) kB", text_of(root / "proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None
