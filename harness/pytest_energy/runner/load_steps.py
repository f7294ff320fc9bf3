"""Load steps: the meter of a processor read while none, some and all of its cores are busy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pytest_energy.errors import MeterUnavailable
from pytest_energy.measurement.clock import Clock
from pytest_energy.measurement.load import LoadKind, Loads
from pytest_energy.power.calibration import LoadStep
from pytest_energy.power.meter import Meter

SETTLE_S = 0.5
"""Time before each window: clock rates and fans follow load with a delay."""

_MARGIN_S = 0.5  # load outlasts its window, so that reading the meter at its end belongs to it
_MOST_LEVELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """What is run, and for how long.

    Attributes:
        cores: Physical cores.
        window_s: How long each step is metered, in s.
    """

    cores: int
    window_s: float

    @property
    def levels(self) -> tuple[int, ...]:
        """Numbers of busy cores, one to all of them; evenly spread where there are many."""
        count = min(self.cores, _MOST_LEVELS)
        return tuple(
            sorted({round(1 + (self.cores - 1) * step / max(1, count - 1)) for step in range(count)})
        )

    @property
    def total_s(self) -> float:
        """About how long all steps take."""
        return (len(self.levels) + 2) * (self.window_s + SETTLE_S + _MARGIN_S)


def metered_steps(
    meter: Meter, loads: Loads, clock: Clock, plan: LoadPlan, progress: Callable[[str], object]
) -> tuple[LoadStep, ...]:
    """Run the steps: idle, each number of busy cores, and all of them waiting for memory.

    Args:
        meter: A meter that counts ``cpu``, and ``dram`` where it can.
        loads: Keeps CPUs busy.
        clock: Reads wall time and waits.
        plan: What is run.
        progress: Called with a few words on what is being done.

    Raises:
        MeterUnavailable: The counter is gone, or does not move.
        WorkerDied: A load process failed.
    """
    return tuple(_steps(meter, loads, clock, plan, progress))


def usable_meter(meters: Sequence[Meter]) -> Meter | None:
    """Return the first meter that counts the processor; None where none does."""
    return next((one for one in meters if any(part.name == "cpu" for part in one.components)), None)


def _steps(
    meter: Meter, loads: Loads, clock: Clock, plan: LoadPlan, progress: Callable[[str], object]
) -> Iterator[LoadStep]:
    progress("idle")
    clock.wait_until(clock.read().wall_s + SETTLE_S)
    yield _metered(meter, clock, plan.window_s, "idle", lambda: 0.0, is_curve=True)
    rungs: list[tuple[LoadKind, int]] = [("compute", count) for count in plan.levels]
    for kind, count in [*rungs, ("memory", plan.cores)]:
        name = f"{kind} on {count}"
        progress(name)
        loads.start(kind, count, plan.window_s + SETTLE_S + _MARGIN_S)
        clock.wait_until(clock.read().wall_s + SETTLE_S)
        yield _metered(meter, clock, plan.window_s, name, loads.finish, is_curve=kind == "compute")


def _metered(  # noqa: PLR0913 - a step has so many parts
    meter: Meter, clock: Clock, window_s: float, name: str, finish: Callable[[], float], *, is_curve: bool
) -> LoadStep:
    began_s, before = clock.read().wall_s, meter.read()
    clock.wait_until(began_s + window_s)
    ended_s, after = clock.read().wall_s, meter.read()
    drawn, passed_s = after.since(before), ended_s - began_s
    if not drawn.get("cpu"):
        raise MeterUnavailable(
            f"The meter {meter.kind} did not move in {passed_s:.1f} s ({name}): it is no energy counter of "
            "this machine. Without one a profile cannot be calibrated; give the figures by hand instead."
        )
    memory_j = drawn.get("dram")
    return LoadStep(
        name=name,
        is_curve=is_curve,
        busy_cores=finish(),
        power_w=drawn["cpu"] / passed_s,
        duration_s=passed_s,
        memory_w=None if memory_j is None else memory_j / passed_s,
    )
