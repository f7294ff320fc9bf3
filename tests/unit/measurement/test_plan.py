import pytest

from pytest_energy.measurement.plan import Plan


@pytest.mark.parametrize(
    ("step_s", "tick_s", "steps"),
    [
        (2e-6, 1e-9, 2000),  # a very fast step fills four milliseconds
        (1e-3, 1e-9, 4),
        (30.0, 1e-9, 1),  # a very slow one is a block by itself
        (1e-3, 1e-2, 2000),  # a coarse clock needs 200 of its ticks
        (0.0, 1e-9, 100_000),  # what cannot be seen is not repeated for ever
    ],
)
def test_a_block_is_long_enough_for_the_clock_and_no_longer(step_s, tick_s, steps):
    assert Plan().steps_per_block(step_s, tick_s) == steps


@pytest.mark.parametrize(
    ("taken", "spent_s", "fulfilled"),
    [(2, 99.0, False), (3, 0.9, False), (3, 1.0, True), (10, 0.0, True)],
)
def test_a_plan_is_fulfilled_by_time_or_rounds_but_never_by_too_few(taken, spent_s, fulfilled):
    plan = Plan(time_s=1.0, least_rounds=3, most_rounds=10)
    assert plan.is_fulfilled(taken, spent_s) is fulfilled
