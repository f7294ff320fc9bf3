"""How often change points are found where there are none, and where there are some.

Usage: python tests/benchmarks/change_point_simulation.py [--trials N] [--seed N] [--critical]

Each trial is a series of costs, one per run, searched by the very code that ``pytest-energy history`` uses.
A share is that of series with at least one change point. ``--critical`` prints instead what the largest t
of series without a change exceeds, by the number of runs. Equal seeds print equal tables.
"""

import argparse
from collections.abc import Callable

import numpy as np
from scipy.special import betaincinv

from pytest_energy.statistics.change_points import SIGNIFICANCE, change_points, critical_t, drift, largest_t

NOISE = 0.01
LEVELS = 8  # runs per level of a drift
RUNS = 40

Noise = Callable[[np.random.Generator, int], np.ndarray]


def normal(draw, count):
    return NOISE * draw.standard_normal(count)


def heavy(draw, count):
    """Student's t with 3 degrees of freedom, of the same variance."""
    return NOISE / 3**0.5 * draw.standard_t(3, count)


def busy(draw, count):
    """One run in twenty is 3 to 10 % dearer."""
    return normal(draw, count) + np.where(draw.random(count) < 0.05, draw.uniform(0.03, 0.10, count), 0)


def sticky(draw, count):
    """Each run takes over 0.3 of what the one before it deviated: a machine has good and bad weeks."""
    fresh = normal(draw, count + 20)
    for index in range(1, len(fresh)):
        fresh[index] = 0.3 * fresh[index - 1] + (1 - 0.3**2) ** 0.5 * fresh[index]
    return fresh[20:]


def jump(before, after, change, back=0):
    return np.concatenate([np.zeros(before), np.full(after, np.log1p(change)), np.zeros(back)])


NONE = np.zeros(RUNS)
STEPS = np.repeat(np.log1p(np.arange(6) * 0.01), LEVELS)
# Name, noise, logarithm of the level of each run, and the trials as a multiple of --trials.
ROWS = (
    ("no change, normal", normal, NONE, 10),
    ("no change, heavy tails", heavy, NONE, 2),
    ("no change, busy runs", busy, NONE, 2),
    ("no change, sticky", sticky, NONE, 2),
    ("five steps of +1 %, 8 runs each", normal, STEPS, 1),
    ("the same, busy runs", busy, STEPS, 1),
    ("ramp of +5 % over 48 runs", normal, np.linspace(0, np.log1p(0.05), 48), 1),
    ("+20 % after 4 of 8 runs", normal, jump(4, 4, 0.2), 1),
    ("+5 % after 36 of 40 runs", normal, jump(36, 4, 0.05), 1),
    ("+3 % after 20 of 40 runs", normal, jump(20, 20, 0.03), 1),
    ("+4 % for 10 of 40 runs, then mended", normal, jump(15, 10, 0.04, 15), 1),
)


def share(hits: int, trials: int) -> str:
    """Write a share in per cent with its 95 % interval (Clopper-Pearson)."""
    low = betaincinv(hits, trials - hits + 1, 0.025) if hits else 0.0
    high = betaincinv(hits + 1, trials - hits, 0.975) if hits < trials else 1.0
    return f"{100 * hits / trials:.2f} ({100 * low:.2f} to {100 * high:.2f})"


def row(noise: Noise, level: np.ndarray, trials: int, draw: np.random.Generator) -> str:
    """Search so many series, and tell how it went."""
    found, drifts, clear = [], [], 0
    for _ in range(trials):
        costs = np.exp(level + noise(draw, len(level))).tolist()
        changes = change_points(costs)
        total = drift(costs, changes)
        found.append(len(changes))
        drifts.append(total.point)
        clear += total.low > 0 or total.high < 0
    some = share(sum(count > 0 for count in found), trials)
    return (
        f"{trials:>8}{some:>26}{np.mean(found):>9.2f}{100 * np.mean(drifts):>+9.1f}"
        f"{100 * np.std(drifts):>6.1f}{100 * clear / trials:>8.1f}"
    )


def critical(trials: int, seed: int) -> None:
    """Print the critical t of some lengths of series beside the one that is used."""
    for count in (8, 9, 10, 12, 14, 16, 20, 25, 30, 40, 60, 100, 200, 400, 800):
        draw = np.random.default_rng(seed)
        at_once = max(1, 6_000_000 // count**2)
        parts = [min(at_once, trials - start) for start in range(0, trials, at_once)]
        largest = np.concatenate([largest_t(draw.standard_normal((part, count))) for part in parts])
        print(
            f"{count:>5}{np.quantile(largest, 1 - SIGNIFICANCE):>8.3f}{critical_t(count):>8.3f}", flush=True
        )


def main() -> None:
    """Run every row and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--critical", action="store_true")
    chosen = parser.parse_args()
    if chosen.critical:
        critical(chosen.trials, chosen.seed)
        return
    print(f"noise of {NOISE:.0%} per run; a share is in % of series, a drift in %")
    print(f"{'':36}{'trials':>8}{'with change points':>26}{'mean':>9}{'drift':>9}{'sd':>6}{'clear':>8}")
    for number, (name, noise, level, multiple) in enumerate(ROWS):
        draw = np.random.default_rng(chosen.seed + number)
        print(f"{name:36}" + row(noise, level, chosen.trials * multiple, draw), flush=True)


if __name__ == "__main__":
    main()
