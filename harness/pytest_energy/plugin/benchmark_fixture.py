"""The ``benchmark`` fixture of pytest-benchmark, measured: the test stays as it is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.interleave import Block, read_block
from pytest_energy.measurement.schedule import Schedule
from pytest_energy.runner.in_process import Work

Measure = Callable[[Work], Mapping[str, object]]
"""Measures and judges what a test benchmarks, and returns figures for its ``extra_info``."""

MOST_ROUNDS = 10
"""Rounds of ``benchmark.pedantic`` that are run again for energy; pytest-benchmark had all of them."""


class MeasuredBenchmark(BenchmarkFixture):
    """The fixture of one test: pytest-benchmark times the callable first, then its energy is measured.

    A fixture is turned into this class after pytest-benchmark has made it, since pytest-benchmark insists on
    an instance of its own class.
    """

    energy_measure: Measure

    def __call__(self, function_to_benchmark: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Benchmark a callable, then measure its energy; return what it returned to pytest-benchmark."""
        returned = super().__call__(function_to_benchmark, *args, **kwargs)
        self._measure(lambda: function_to_benchmark(*args, **kwargs))
        return returned

    def pedantic(  # noqa: PLR0913, PLR0917 - the arguments of pytest-benchmark
        self,
        target: Callable[..., Any],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        setup: Callable[[], Any] | None = None,
        teardown: Callable[..., Any] | None = None,
        rounds: int = 1,
        warmup_rounds: int = 0,
        iterations: int = 1,
        **more: Any,
    ) -> Any:
        """Benchmark a callable as the test says, then measure the energy of as many rounds, at most ten.

        What may run only once, as a single round without ``setup``, is read while pytest-benchmark runs it.
        """
        call = _Call(target, tuple(args), dict(kwargs or {}), setup, teardown)
        plan = {
            "args": args,
            "kwargs": kwargs,
            "setup": setup,
            "rounds": rounds,
            "warmup_rounds": warmup_rounds,
            "iterations": iterations,
        } | more
        if teardown is not None:
            plan["teardown"] = teardown
        if rounds * iterations == 1 and warmup_rounds == 0 and setup is None:
            return self._pedantic_once(call, plan)
        returned = super().pedantic(target, **plan)
        self._measure(call.schedule(min(rounds, MOST_ROUNDS), iterations))
        return returned

    def _pedantic_once(self, call: "_Call", plan: dict[str, Any]) -> Any:
        """Hand pytest-benchmark a target that is read at the one time that it runs."""
        clock, readings = SystemClock(), []

        def read(*args: Any, **kwargs: Any) -> Any:
            returned = None

            def step() -> None:
                nonlocal returned
                returned = call.target(*args, **kwargs)

            readings.append(read_block(Block(step=step, count=1), clock))
            return returned

        returned = super().pedantic(read, **plan)
        self._measure(readings[0])
        return returned

    def _measure(self, work: Work) -> None:
        if not self.disabled:
            self.extra_info.update(self.energy_measure(work))


class _Call:
    """What ``benchmark.pedantic`` calls in each round."""

    def __init__(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        setup: Callable[[], Any] | None,
        teardown: Callable[..., Any] | None,
    ) -> None:
        self.target = target
        self._given = args, kwargs
        self._made = self._given
        self._setup = setup
        self._teardown = teardown

    def schedule(self, rounds: int, iterations: int) -> Schedule:
        """Return the same rounds again."""
        return Schedule(prepare=self._prepared, clear_up=self._clear_up, rounds=rounds, steps=iterations)

    def _prepared(self) -> Callable[[], object]:
        """Run ``setup``, which may return the arguments of the round."""
        self._made = (self._setup() if self._setup else None) or self._given
        args, kwargs = self._made
        return lambda: self.target(*args, **kwargs)

    def _clear_up(self) -> None:
        if self._teardown is not None:
            args, kwargs = self._made
            self._teardown(*args, **kwargs)
