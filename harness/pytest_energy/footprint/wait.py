"""Energy of waiting: what cores draw while nothing arrives, for steps that come at a pace."""

from pytest_energy.power.profile import PowerProfile


def wait_j(profile: PowerProfile, *, pace_s: float, cpu_s: float, threads: int) -> float:
    """Return the idle energy in J of the cores that a benchmark keeps, between one arrival and the next.

    As many cores as there are threads are kept for the benchmark all the time. For their CPU time they are
    billed as busy ones, their own share of idle power included; for the rest they draw that share alone.

    Args:
        profile: The power profile; P(0) / N is what an idle core draws.
        pace_s: From one arrival to the next in s.
        cpu_s: CPU time per period in s, over all threads, spinning ones included.
        threads: Threads that compute, 1 or more.
    """
    cores = min(threads, profile.cpu.units)
    idle_w = profile.power_w(0.0) / profile.cpu.units
    return max(0.0, cores * pace_s - cpu_s) * idle_w
