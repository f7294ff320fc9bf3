"""A simulated machine: clock, loads and energy counter obey a power curve that is known. For tests."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_energy.measurement.clock import FakeClock, Reading
from pytest_energy.measurement.load import LoadKind
from pytest_energy.power.meter import Component, MeterReading


@dataclass(slots=True, kw_only=True)
class SimulatedMachine:
    """A clock, a meter and loads in one: time passes only when it is waited for, and then energy is drawn.

    Attributes:
        power_w: Power in W by the number of busy cores and by what keeps them busy.
        memory_w: Power of memory in W likewise; None for a machine that does not count it.
        throttle: CPU-seconds per second that a load gets on each core, less than 1 beside neighbours.
        clock: Its clock.
    """

    power_w: Callable[[float, LoadKind], float]
    memory_w: Callable[[float, LoadKind], float] | None = None
    throttle: float = 1.0
    clock: FakeClock = field(default_factory=FakeClock)
    kind: str = field(default="simulated", init=False)
    method: str = field(default="simulated", init=False)
    tick_s: float = field(default=1e-3, init=False)
    _busy: float = field(default=0.0, init=False)
    _running: LoadKind = field(default="compute", init=False)
    _energy_j: dict[str, float] = field(default_factory=lambda: {"cpu": 1000.0}, init=False)

    @property
    def components(self) -> tuple[Component, ...]:
        """The processor, and memory where it is counted."""
        cpu = Component(name="cpu", boundary="1 whole package: idle power and neighbours included")
        dram = Component(name="dram", boundary="memory on its controllers, neighbours included")
        return (cpu, dram) if self.memory_w else (cpu,)

    def read(self) -> MeterReading:
        """Read the counter."""
        return MeterReading(energy_j=dict(self._energy_j))

    def close(self) -> None:
        """Nothing is held."""

    def start(self, kind: LoadKind, count: int, seconds: float) -> None:
        """Keep so many cores busy until ``finish``."""
        del seconds
        self._busy, self._running = count * self.throttle, kind

    def finish(self) -> float:
        """Let the load end, and return CPU-seconds per second."""
        busy, self._busy = self._busy, 0.0
        return busy

    def now(self) -> Reading:
        """Return the time."""
        return self.clock.read()

    def wait_until(self, wall_s: float) -> None:
        """Let the time pass, and draw energy meanwhile."""
        began_s = self.clock.wall_s
        self.clock.wait_until(wall_s)
        passed_s = self.clock.wall_s - began_s
        self._draw("cpu", self.power_w, passed_s)
        if self.memory_w:
            self._draw("dram", self.memory_w, passed_s)

    def _draw(self, name: str, power_w: Callable[[float, LoadKind], float], passed_s: float) -> None:
        drawn_j = power_w(self._busy, self._running) * passed_s
        self._energy_j[name] = self._energy_j.get(name, 0.0) + drawn_j


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """The clock of a simulated machine."""

    machine: SimulatedMachine

    def read(self) -> Reading:
        """Return the time."""
        return self.machine.now()

    def wait_until(self, wall_s: float) -> None:
        """Let the time pass."""
        self.machine.wait_until(wall_s)
