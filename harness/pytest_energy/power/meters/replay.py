"""A meter that replays readings which were written down: a fake for tests, without a device."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pytest_energy.errors import MeasurementError, MeterUnavailable
from pytest_energy.power.meter import Component, MeterReading

Replayed = Mapping[str, float] | MeasurementError
"""A reading as J by component, or the error that is raised in its place."""


@dataclass(slots=True, kw_only=True)
class ReplayMeter:
    """Returns given readings one after the other; when they are used up, the counter has vanished.

    Attributes:
        readings: What it returns or raises.
        components: What it counts.
        kind: Its name.
        method: What it says of how the joules come about.
        tick_s: How often the counter is said to move, in s.
        closed: Whether it was closed.
    """

    readings: Iterable[Replayed]
    components: tuple[Component, ...] = (Component(name="cpu", boundary="what was written down"),)
    kind: str = "replay"
    method: str = "replayed"
    tick_s: float = 1e-3
    closed: bool = field(default=False, init=False)
    _left: Iterator[Replayed] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._left = iter(self.readings)

    def read(self) -> MeterReading:
        """Return the next reading.

        Raises:
            MeasurementError: The next one is an error.
            MeterUnavailable: There is none left.
        """
        following = next(self._left, None)
        if following is None:
            raise MeterUnavailable("The readings to replay are used up.")
        if isinstance(following, MeasurementError):
            raise following
        return MeterReading(energy_j=following)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
