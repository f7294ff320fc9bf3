"""Sampled power: energy where a device tells no more than what it draws at this moment."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_energy.errors import MeasurementError


@dataclass(slots=True, kw_only=True)
class SampledPower:
    """Integrates power over time by the trapezoidal rule. Safe to use from several threads.

    Attributes:
        power_w: Reads the power in W; raises MeasurementError where it cannot.
        now: Reads wall time in s.
        period_s: Time between two samples in s.
    """

    power_w: Callable[[], float]
    now: Callable[[], float]
    period_s: float = 0.1
    _energy_j: float = field(default=0.0, init=False)
    _last: tuple[float, float] | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _ended: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def read_j(self) -> float:
        """Sample now, and return the J since the first sample.

        Raises:
            MeasurementError: The power cannot be read.
        """
        with self._lock:
            power_w, at_s = self.power_w(), self.now()
            if self._last is not None:
                before_s, before_w = self._last
                self._energy_j += (at_s - before_s) * (power_w + before_w) / 2
            self._last = at_s, power_w
            return self._energy_j

    def start(self) -> None:
        """Sample in a thread from now on.

        Raises:
            MeasurementError: The power cannot be read.
        """
        self.read_j()
        self._thread = threading.Thread(target=self._run, name="sampled-power", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self.period_s):
            try:
                self.read_j()
            except MeasurementError:  # who reads next meets it too, and is told
                return
