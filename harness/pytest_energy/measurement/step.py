"""A step: what is sampled, and how one knows that it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_energy.measurement.clock import Reading
from pytest_energy.results.samples import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One inference or training step, as a callable.

    Attributes:
        run: Runs it. On a device it may return before the device is done.
        others: Run it with other feeds; rounds take all in turns.
        synchronize: Waits until the device has done all that it was given; nothing where there is none.
        signal: What its cost is read from.
        pace_s: Time from one arrival to the next in s; None where steps follow each other at once.
        fetched: Tells how much of the time of all runs so far was spent on making what the model is fed; None
            where that lies ready.
    """

    run: Callable[[], object]
    others: tuple[Callable[[], object], ...] = ()
    synchronize: Callable[[], object] = lambda: None
    signal: Signal = "cpu"
    pace_s: float | None = None
    fetched: Callable[[], Reading] | None = None
