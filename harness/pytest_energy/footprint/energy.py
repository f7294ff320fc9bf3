"""Energy of a step: CPU-seconds times the power of a busy core, and what an accelerator draws meanwhile."""

from pytest_energy.footprint.accelerator import accelerator_marginal_j
from pytest_energy.footprint.band import Banded, total
from pytest_energy.power.profile import AcceleratorProfile, PowerProfile
from pytest_energy.results.energy import EnergyEstimate, Pins

COUNTER_BAND = (0.95, 1.05)
"""Error of NVIDIA's power readings: Yang, Adamek, Armour, "Part-time Power Measurements" (SC 2024), 5 %."""


PARTLY_MEASURED = "partly measured"
"""How the joules came about where an accelerator counts its own, and those of the processor are modelled."""


def core_power_w(profile: PowerProfile, threads: int) -> float:
    """Return the power of a busy core in W, which is the energy of a CPU-second in J.

    A curve P(u) is the power of N cores of which the fraction u is busy. Of the idle power P(0) a busy core
    carries its own share, one in N; cores that the benchmark leaves idle are not billed to it. What load
    adds, P(u) - P(0), is shared equally by the b = u N busy cores, so that ::

        P_core = P(0) / N + (P(u) - P(0)) / b

    Where the profile follows the benchmark's threads, b is their number, at most N. Threads beyond N share
    cores: then P_core is spread over the threads that run at once. Where the load of the other cores is
    unknown, as it is on a shared host, u is 1 and P_core is P(1) / N, whatever the number of threads.

    Args:
        profile: The power profile.
        threads: Threads that compute, 1 or more.
    """
    cores = profile.cpu.units
    if not profile.follows_threads:
        return profile.power_w(1.0) / cores
    busy = min(threads, cores)
    idle_w = profile.power_w(0.0)
    per_core_w = idle_w / cores + (profile.power_w(busy / cores) - idle_w) / busy
    at_once = min(threads, cores * profile.cpu.threads_per_unit)
    return per_core_w * busy / at_once


def marginal_core_power_w(profile: PowerProfile, threads: int) -> float:
    """Return what load adds to the power of a core in W, without any share of idle power.

    It is ``core_power_w`` without its first term. Where the load of the other cores is unknown it is what
    full load adds, shared equally.

    Args:
        profile: The power profile.
        threads: Threads that compute, 1 or more.
    """
    cores = profile.cpu.units
    at_once = min(threads, cores * profile.cpu.threads_per_unit)
    busy = min(threads, cores) if profile.follows_threads else at_once
    idle_w = profile.power_w(0.0) / cores
    return core_power_w(profile, threads) - idle_w * busy / at_once


def estimate_energy(  # noqa: PLR0913 - one argument per quantity of the equations
    *,
    cpu_s: float,
    duration_s: float,
    random_fraction: float | None,
    profile: PowerProfile,
    pins: Pins,
    memory_gib: float | None,
    threads: int,
    accelerator: AcceleratorProfile | None = None,
    counted: bool = False,
) -> EnergyEstimate:
    """Return the energy of a step, linear in its times.

    The gated figure is CPU time at the pinned power of a busy core, and where an accelerator is waited for
    its pinned power over wall time. Memory is a part of its own: its power follows wall time and its
    uncertainty is wide, so it would hide what the gate looks for.

    Args:
        cpu_s: CPU time per step in s, over all threads of the process.
        duration_s: Wall time per step in s.
        random_fraction: Half-width of the random band of the times, as a fraction; None if unknown.
        profile: Gives the systematic band and the power of memory.
        pins: Give the power of a busy core.
        memory_gib: Main memory of the machine in GiB; None if unknown, and then so is its energy.
        threads: Threads that compute, 1 or more.
        accelerator: What is waited for; None where it is nothing, or its profile is unknown.
        counted: Whether the pinned power of what is waited for comes from its own counter.
    """
    parts_j = {"cpu": cpu_s * pins.core_power_w}
    bands = [Banded.by_factors(parts_j["cpu"], profile.band_low, profile.band_high)]
    cpu_marginal_j = cpu_s * marginal_core_power_w(profile, threads)
    marginal_j: float | None = cpu_marginal_j
    if pins.device_power_w is not None:
        parts_j["gpu"] = duration_s * pins.device_power_w
        if accelerator is None or counted:
            bands.append(Banded.by_factors(parts_j["gpu"], *COUNTER_BAND))
            marginal_j = None  # the counter does not tell what it would have drawn when idle
        else:
            bands.append(Banded.by_factors(parts_j["gpu"], *accelerator.band_at(None)))
            marginal_j = cpu_marginal_j + accelerator_marginal_j(accelerator, duration_s, None)
    whole = total(bands)
    return EnergyEstimate(
        energy_j=whole.value,
        random_j=None if random_fraction is None else whole.value * random_fraction,
        systematic_low=whole.low / whole.value if len(bands) > 1 else profile.band_low,
        systematic_high=whole.high / whole.value if len(bands) > 1 else profile.band_high,
        method=PARTLY_MEASURED if "gpu" in parts_j and counted else "modelled",
        profile=profile.id,
        parts_j=parts_j | {"dram": _dram_j(duration_s, profile, memory_gib, threads)},
        marginal_j=marginal_j,
    )


def _dram_j(duration_s: float, profile: PowerProfile, memory_gib: float | None, threads: int) -> float | None:
    """Return the energy of the memory that goes with the busy cores; all of it if that is unknown."""
    if memory_gib is None:
        return None
    cores = profile.cpu.vcpus or (profile.cpu.units if profile.follows_threads else None)
    share = min(1.0, threads / cores) if cores else 1.0
    return memory_gib * share * profile.memory.w_per_gib * duration_s
