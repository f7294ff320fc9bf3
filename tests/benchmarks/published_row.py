"""A published measurement: what an estimator may know of it, and what was measured."""

import re
from dataclasses import dataclass
from typing import Any

from pytest_energy.power.brand import names_model
from pytest_energy.power.catalogue import accelerator_named, all_profiles
from pytest_energy.power.profile import PowerProfile

HOST_LOAD = 0.05
"""Share of a host's cores that feed an accelerator; it may be from one core to half of them."""

_SERVER_CPU_W = 200.0  # median TDP of the server processors in the catalogue, for a host of unknown kind
_COUNTED = re.compile(r"^(\d+)\s*x\s+(.*)$")
# Fields that hold a load, in percent or as a fraction, of an accelerator and of a processor.
_UTILISATION = re.compile(r"^(?!.*(?:cpu|mem)).*util")
_CPU_LOAD = re.compile(r"^(?!.*(?:gpu|mem|_s$|_w$|_j$)).*(?:util|load)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A device at work, as an estimator knows it.

    Attributes:
        kind: ``cpu`` or ``accelerator``.
        name: Its name.
        rated_w: Its TDP or board power in W, of all of its kind together.
        limit_w: The power that it sustains, where that is known to be another.
        load: Share of logical CPUs that are busy, or utilisation; None if unknown.
        cores_per_thread: Physical cores per logical CPU.
        one_per_core: Whether the framework keeps one thread per physical core.
        at_work: Whether the work is done on it.
        is_module: Whether it is a module, rated with its processor and memory.
    """

    kind: str
    name: str
    rated_w: float
    limit_w: float
    load: float | None
    cores_per_thread: float = 1.0
    one_per_core: bool = False
    at_work: bool = True
    is_module: bool = False

    @property
    def busy_cores(self) -> float:
        """Share of the physical cores that are busy."""
        if not self.at_work:
            return HOST_LOAD
        if self.load is None:
            return 1.0
        return min(1.0, self.load / self.cores_per_thread) if self.one_per_core else self.load

    @property
    def logical_load(self) -> float:
        """Share of the logical CPUs that are busy, as a monitor shows it."""
        if self.load is not None:
            return self.load
        if not self.at_work:
            return HOST_LOAD
        return self.cores_per_thread if self.kind == "cpu" and self.one_per_core else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A published measurement.

    Attributes:
        group: What it is compared among.
        device: The kind of measurement, and the device that was measured.
        power_w: Mean power that was measured in W.
        parts: What is known of what draws it.
        is_at_wall: Whether the meter sat at the wall.
        idle_w: Power at the wall just before or after, where it was metered.
    """

    group: str
    device: str
    power_w: float
    parts: tuple[Part, ...]
    is_at_wall: bool
    idle_w: float | None


def measurement_of(row: dict[str, Any]) -> Measurement | str:
    """Return a row as a measurement, or the reason why nothing can be said of it."""
    boundary = str(row.get("measured_boundary", "")).lower()
    power_w = _power_w(row)
    if power_w is None:
        return "no mean power, and no energy with its duration"
    is_at_wall = "wall" in boundary
    if "mcu" in boundary:
        return "microcontroller: no model"
    on_gpu = not is_at_wall and _is_of_accelerator(boundary)
    parts = _at_wall(row) if is_at_wall else (_accelerator(row) if on_gpu else _cpu(row, str(row["device"])),)
    if not parts or None in parts:
        return "rated power unknown"
    known = tuple(part for part in parts if part)
    return Measurement(
        group=_group(row, known, is_at_wall=is_at_wall),
        device=_key(row, known, is_at_wall=is_at_wall),
        power_w=power_w,
        parts=known,
        is_at_wall=is_at_wall,
        idle_w=row.get("near_idle_power_w"),
    )


def _is_of_accelerator(boundary: str) -> bool:
    if "nvml" in boundary or "gpu board" in boundary:
        return True
    if any(word in boundary for word in ("rapl", "package", "cpu")):
        return False
    return "gpu" in boundary or "accelerator" in boundary


def _power_w(row: dict[str, Any]) -> float | None:
    if row.get("avg_power_w"):
        return float(row["avg_power_w"])
    if row.get("energy_j") and row.get("duration_s"):
        return float(row["energy_j"]) / float(row["duration_s"])
    return None


def _group(row: dict[str, Any], parts: tuple[Part, ...], *, is_at_wall: bool) -> str:
    worker = next((part for part in parts if part.at_work), parts[0])
    if is_at_wall:
        idle = "idle metered" if row.get("near_idle_power_w") else "idle unknown"
        by = " by ONNX Runtime" if worker.kind == "cpu" and _is_onnxruntime(row) else ""
        return f"wall, {'CPU' if worker.kind == 'cpu' else 'GPU'} at work{by}, {idle}"
    if worker.kind == "accelerator":
        return f"GPU board, utilisation {'unknown' if worker.load is None else 'known'}"
    if _is_onnxruntime(row):
        return "CPU package, ONNX Runtime"
    return "CPU package, inference" if worker.load is None else "CPU package, stepped load"


def _key(row: dict[str, Any], parts: tuple[Part, ...], *, is_at_wall: bool) -> str:
    worker = next((part for part in parts if part.at_work), parts[0])
    return f"{row['kind']}: {str(row['device']).split(' (', 1)[0] if is_at_wall else worker.name}"


def _accelerator(row: dict[str, Any], name: str | None = None, count: int | None = None) -> Part | None:
    text = name or str(row["device"])
    counted = _COUNTED.match(text)
    number, bare = (int(counted[1]), counted[2]) if counted else (count or 1, text)
    found = accelerator_named(bare)
    board_w = (found.rated_w if found else None) or row.get("tdp_w")
    if not board_w:
        return None
    limit_w = min(float(board_w), float(row.get("power_limit_w") or board_w))
    return Part(
        kind="accelerator",
        name=bare,
        rated_w=float(board_w) * number,
        limit_w=limit_w * number,
        load=_fraction(row, _UTILISATION),
        is_module=found is not None and "module" in found.boundary,
    )


def _cpu(row: dict[str, Any], name: str, *, at_work: bool = True) -> Part | None:
    counted = _COUNTED.match(name)
    sockets, name = (int(counted[1]), counted[2]) if counted else (int(row.get("host_sockets") or 1), name)
    profile = _processor(name)
    tdp_w = (row.get("tdp_w") if at_work else None) or (profile.rated_w if profile else None)
    if not tdp_w:
        return None if at_work else _host(name, sockets)
    limit_w = max(float(tdp_w), profile.limit_w or 0.0) if profile else float(tdp_w)
    load = _fraction(row, _CPU_LOAD) if at_work else None
    return Part(
        kind="cpu",
        name=name,
        rated_w=float(tdp_w) * sockets,
        limit_w=limit_w * sockets,
        load=load,
        cores_per_thread=1 / profile.cpu.threads_per_unit if profile else 0.5,
        one_per_core=_is_onnxruntime(row) or load is None,
        at_work=at_work,
    )


def _host(name: str, sockets: int) -> Part:
    watts = _SERVER_CPU_W * sockets
    return Part(kind="cpu", name=name, rated_w=watts, limit_w=watts, load=None, at_work=False)


def _at_wall(row: dict[str, Any]) -> tuple[Part | None, ...]:
    """Return the host, and the accelerator that does the work if there is one."""
    named = str(row.get("accelerator") or "")
    on_desktop = re.search(r"\((.*) host\), work on the (CPU|GPU)(?:: (.*))?", str(row["device"]))
    if on_desktop:
        if on_desktop[2] == "CPU":
            return (_cpu(row, on_desktop[1]),)
        return _cpu(row, on_desktop[1], at_work=False), _accelerator(row, on_desktop[3])
    if named not in {"", "-", "N/A"}:
        accelerator = _accelerator(row, named, int(row.get("accelerator_count") or 1))
        if accelerator and accelerator.is_module:  # the rated power is that of its processor too
            return (accelerator,)
        return _cpu(row, str(row.get("host_cpu") or row["device"]), at_work=False), accelerator
    return (_cpu(row, str(row.get("host_cpu") or row["device"])),)


def _processor(name: str) -> PowerProfile | None:
    for profile in all_profiles():
        seen = profile.signature
        if seen is None or seen.cpu is None or seen.virtual is True or seen.variables:
            continue
        if names_model(name, seen.cpu) or names_model(name, seen.cpu.removeprefix("Core ")):
            return profile
    return None


def _is_onnxruntime(row: dict[str, Any]) -> bool:
    """Whether it is ONNX Runtime that ran, which keeps one thread per physical core."""
    return any(
        "onnx" in str(row.get(field, "")).lower()
        for field in ("framework", "workload", "suite", "device", "id")
    )


def _fraction(row: dict[str, Any], fields: re.Pattern[str]) -> float | None:
    for field, value in row.items():
        if fields.search(field) and isinstance(value, int | float):
            # A percentage, unless it is no more than 1: nobody publishes a load of 1 %.
            return min(1.0, value / 100 if value > 1 or field.endswith("pct") else float(value))
    return None
