"""The control groups of this process: where Linux tells of a container's share of CPUs and memory."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

Controller = Literal["cpu", "memory"]

_PAIR = 2
# Where version 1 mounts a controller, and a file that every one of its groups has.
_MOUNTS: dict[Controller, tuple[tuple[str, ...], str]] = {
    "cpu": (("cpu,cpuacct", "cpu"), "cpu.shares"),
    "memory": (("memory",), "memory.limit_in_bytes"),
}


def cgroup_folders(root: Path, controller: Controller = "cpu") -> tuple[Path, ...]:
    """Return the folders of this process's control groups, its own first, then those above it.

    Version 2 comes before version 1; where both are mounted, each has files that the other lacks.

    Args:
        root: Where ``proc`` and ``sys`` are mounted; another folder in tests.
        controller: What the groups share out.
    """
    lines = (text_of(root / "proc/self/cgroup") or "").splitlines()
    fields = [line.split(":", maxsplit=2) for line in lines if line.count(":") >= _PAIR]
    unified = [path for _, controllers, path in fields if not controllers]
    divided = [path for _, controllers, path in fields if controller in controllers.split(",")]
    mounts = root / "sys/fs/cgroup"
    places, sign = _MOUNTS[controller]
    return (
        *_upwards((mounts / "unified", mounts), "cgroup.controllers", unified),
        *_upwards(tuple(mounts / place for place in places), sign, divided),
    )


def cpu_quota(root: Path) -> float | None:
    """Return how many CPUs this process may use on average, by the tightest limit that holds for it.

    Returns:
        CPUs; infinity where there is no limit, None where nothing can be read.
    """
    folders = cgroup_folders(root)
    # The top of a hierarchy has no limit, and no file that says so.
    return min((_or_infinite(cpu_limit(folder)) for folder in folders), default=None)


def cpu_limit(folder: Path) -> float | None:
    """Return how many CPUs one control group may use on average; None where it has no limit."""
    words = (text_of(folder / "cpu.max") or "").split()
    if len(words) == _PAIR:
        return _ratio(*words)
    return _ratio(text_of(folder / "cpu.cfs_quota_us") or "", text_of(folder / "cpu.cfs_period_us") or "")


def memory_limit(root: Path) -> int | None:
    """Return how many bytes of memory the control groups leave to this process; None without a limit."""
    written = (
        text_of(folder / name)
        for folder in cgroup_folders(root, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
    )
    return min((int(text) for text in written if text and text.isdecimal()), default=None)


def throttling_file(root: Path) -> Path | None:
    """Return the ``cpu.stat`` that counts how often the quota was used up: the nearest group's that has one.

    Without any quota it is the nearest at all; None where nothing counts.
    """
    counting = [
        folder for folder in cgroup_folders(root) if "nr_throttled" in read_counters(folder / "cpu.stat")
    ]
    limited = [folder for folder in counting if cpu_limit(folder) is not None]
    return next((folder / "cpu.stat" for folder in (*limited, *counting)), None)


def read_counters(path: Path) -> dict[str, int]:
    """Read lines of a name and a whole number; what is something else, or cannot be read, is left out."""
    pairs = (line.split() for line in (text_of(path) or "").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == _PAIR and pair[1].isdecimal()}


def text_of(path: Path) -> str | None:
    """Return what a file holds, without blanks at its ends; None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _upwards(mounts: tuple[Path, ...], sign: str, paths: list[str]) -> Iterator[Path]:
    """Yield a control group's folder and those above it, in the first mount that holds the sign.

    In a container the path may be the host's, which is not to be seen there: then the mount is the group's
    own.
    """
    mount = next((mount for mount in mounts if (mount / sign).exists()), None)
    if mount is None or not paths:
        return
    parts = [part for part in paths[0].split("/") if part not in {"", ".."}]
    for count in range(len(parts), -1, -1):
        folder = mount.joinpath(*parts[:count])
        if folder.is_dir():
            yield folder


def _ratio(quota: str, period: str) -> float | None:
    """Divide a quota by its period, both in us; ``max`` and ``-1`` stand for no quota."""
    if not (quota.isdecimal() and period.isdecimal() and int(period)):
        return None
    return int(quota) / int(period)


def _or_infinite(limit: float | None) -> float:
    return math.inf if limit is None else limit
