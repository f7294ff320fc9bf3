"""Sources of noise: what makes figures scatter on this machine whatever runs on it, and what helps."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_energy.environment import Environment
from pytest_energy.measurement.cgroup import cpu_quota, read_counters, text_of, throttling_file

LEAST_QUOTA = 1.0
"""CPUs below which the measured process itself is held up in every period."""

MOST_THROTTLED = 0.01
"""Share of periods with throttling beyond which it is not a matter of start-up alone."""

_CPUS = "sys/devices/system/cpu"
_STEADY = "performance"
_X86 = {"x86_64", "amd64", "i386", "i686"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseSource:
    """One thing that may make figures scatter.

    Attributes:
        name: What it is.
        found: What was read, in words; None where it could not be read.
        harms: Whether it does harm here; None where that is unknown.
        remedy: What helps, in one sentence; empty where nothing is the matter.
    """

    name: str
    found: str | None
    harms: bool | None
    remedy: str = ""


def find_noise_sources(environment: Environment, root: Path = Path("/")) -> tuple[NoiseSource, ...]:
    """Look for all that is known to make figures scatter.

    Args:
        environment: What this machine is.
        root: Where ``proc`` and ``sys`` are mounted; another folder in tests.
    """
    cpus = environment.logical_cpus
    return (
        _cpus(cpus),
        _quota(root, cpus),
        _throttling(root),
        _load(root, cpus),
        _governor(root),
        _turbo(root),
        _threads_per_core(root),
        _virtual(environment),
    )


def _source(name: str, found: str | None, remedy: str, *, harms: bool) -> NoiseSource:
    """Make a finding; what could not be read neither harms nor is harmless."""
    if found is None:
        return NoiseSource(name=name, found=None, harms=None)
    return NoiseSource(name=name, found=found, harms=harms, remedy=remedy if harms else "")


def _cpus(cpus: int) -> NoiseSource:
    remedy = "Give it two CPUs: one for what is measured, one for all else, the parent process included."
    return _source("CPUs", str(cpus), remedy, harms=cpus == 1)


def _quota(root: Path, cpus: int) -> NoiseSource:
    quota = cpu_quota(root)
    found = None if quota is None else "none" if math.isinf(quota) else f"{quota:g} of {cpus} CPUs"
    remedy = (
        "Raise the container's CPU limit to one CPU or more: below that the measured process is stopped in "
        "every period."
    )
    return _source("CPU quota", found, remedy, harms=quota is not None and quota < LEAST_QUOTA)


def _throttling(root: Path) -> NoiseSource:
    path = throttling_file(root)
    found = {} if path is None else read_counters(path)
    throttled, periods = found.get("nr_throttled"), found.get("nr_periods")
    if throttled is None or periods is None:
        return NoiseSource(name="throttling", found=None, harms=None)
    return _source(
        "throttling",
        f"in {throttled} of {periods} periods",
        "Raise the container's CPU limit, or run less beside the measurement: the quota is used up often.",
        harms=throttled > MOST_THROTTLED * periods,
    )


def _load(root: Path, cpus: int) -> NoiseSource:
    words = (text_of(root / "proc/loadavg") or "").split()
    load = _number(words[0]) if words else None
    return _source(
        "load",
        None if load is None else f"{load:g} on {cpus} CPUs in the last minute",
        "Stop what else runs, or wait until it has ended: with less than one CPU free, measuring is "
        "interrupted, and goes on with cold caches.",
        harms=load is not None and load > cpus - 1,
    )


def _governor(root: Path) -> NoiseSource:
    names = sorted(set(_texts(root, "cpu[0-9]*/cpufreq/scaling_governor")))
    return _source(
        "frequency governor",
        ", ".join(names) or None,
        f"Choose the governor {_STEADY}: sudo cpupower frequency-set -g {_STEADY}.",
        harms=names != [_STEADY],
    )


def _turbo(root: Path) -> NoiseSource:
    switch, on = f"{_CPUS}/intel_pstate/no_turbo", "0"
    if not (root / switch).is_file():
        switch, on = f"{_CPUS}/cpufreq/boost", "1"
    value = text_of(root / switch)
    return _source(
        "turbo",
        None if value not in {"0", "1"} else "on" if value == on else "off",
        "Switch it off, for its frequency depends on heat and on the other cores: "
        f"echo {1 - int(on)} | sudo tee /{switch}.",
        harms=value == on,
    )


def _threads_per_core(root: Path) -> NoiseSource:
    active = text_of(root / _CPUS / "smt/active")
    return _source(
        "SMT",
        {"0": "off, or hidden by the hypervisor", "1": "on"}.get(active or ""),
        "Leave half of the CPUs idle, or switch SMT off: two threads of one core slow each other down.",
        harms=active == "1",
    )


def _virtual(environment: Environment) -> NoiseSource:
    # Only x86 has a flag that tells.
    is_known = environment.virtual or environment.arch.lower() in _X86
    return _source(
        "virtual machine",
        ("yes" if environment.virtual else "no") if is_known else None,
        "For tolerances below 5 % use a machine that is not shared: neighbours cannot be seen from inside.",
        harms=environment.virtual,
    )


def _texts(root: Path, pattern: str) -> Iterator[str]:
    for path in sorted((root / _CPUS).glob(pattern)):
        text = text_of(path)
        if text:
            yield text


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
