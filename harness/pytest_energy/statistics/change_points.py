"""Change points of a series of costs, and its drift from the first runs to the last.

The search is circular binary segmentation: of all stretches of runs, the one whose mean logarithm differs
most from that of all other runs is cut out if it differs significantly, and the pieces are searched in turn.
A stretch may lie in the middle, so a regression that was mended later is found, which a search for single
splits misses. A boundary that the runs on its two sides do not bear out is dropped again.

Significance is that of the largest t among all stretches of normal noise, whatever its size. So five runs
before a jump and five after it are enough, where permutations of ten values could not be sure.

Source: A. B. Olshen, E. S. Venkatraman, R. Lucito, M. Wigler, "Circular binary segmentation for the analysis
of array-based DNA copy number data", Biostatistics 5 (2004) 557-572.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pytest_energy.statistics.trimmed import ratio_interval, typical

SHORTEST = 4
"""Runs of the shortest stretch: fewer are an accident of one busy machine as often as a change."""

SIGNIFICANCE = 0.005
"""Share of series without a change in which a change is seen."""

CONFIDENCE = 0.98
"""Two-sided confidence of the interval of a drift."""

LONGEST = 800
"""Runs that are searched, the newest ones: the work grows with the square of their number."""

_WINDOW = 8  # runs at either end that a drift compares
# What the largest t of a series without a change exceeds with the probability SIGNIFICANCE, by its number of
# runs: simulated by tests/benchmarks/change_point_simulation.py --critical.
_RUNS = (8, 9, 10, 12, 14, 16, 20, 25, 30, 40, 60, 100, 200, 400, 800)
_CRITICAL_T = (
    *(4.338, 4.529, 4.608, 4.682, 4.768, 4.818, 4.868, 4.813),
    *(4.789, 4.745, 4.717, 4.718, 4.756, 4.867, 5.012),
)

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Where the level of a series changed.

    Attributes:
        index: Position of the first run at the new level.
        change: Relative change between the stretches of runs on its two sides; 0.05 is 5 % more.
    """

    index: int
    change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """How much the last runs of a series cost more than the first ones.

    Attributes:
        point: Relative change; 0.05 is 5 % more.
        low: Lower end of its interval; None where a side has one run only.
        high: Upper end; None likewise.
        first: Runs at the beginning that are compared.
        last: Runs at the end that are compared.
    """

    point: float
    low: float | None = None
    high: float | None = None
    first: int
    last: int


def change_points(costs: Sequence[float]) -> tuple[ChangePoint, ...]:
    """Find where the level of a series changed; what changed are means of logarithms.

    Args:
        costs: One positive cost per run, oldest first.

    Raises:
        ValueError: A cost is not positive.
    """
    if any(cost <= 0 for cost in costs):
        raise ValueError("costs must be positive")
    skipped = max(0, len(costs) - LONGEST)
    logs = np.log(np.asarray(costs[skipped:], dtype=np.float64))
    cuts = [skipped + cut for cut in _borne_out(logs, _candidates(logs, 0))]
    edges = [0, *cuts, len(costs)]
    return tuple(
        ChangePoint(index=cut, change=typical(costs[cut:after]) / typical(costs[before:cut]) - 1)
        for before, cut, after in zip(edges, cuts, edges[2:], strict=False)
    )


def drift(costs: Sequence[float], changes: Sequence[ChangePoint]) -> Drift | None:
    """Compare the last runs of a series with the first: up to eight at each end, of one level each.

    Args:
        costs: One positive cost per run, oldest first.
        changes: Its change points.

    Returns:
        The drift; None for fewer than two runs.
    """
    count = len(costs)
    if count < 2:  # noqa: PLR2004 - one run has nothing to drift from
        return None
    window = min(_WINDOW, count // 2)
    first = min([window, *(one.index for one in changes)])
    last = min([window, *(count - one.index for one in changes)])
    before, after = costs[:first], costs[count - last :]
    if min(first, last) == 1:
        return Drift(point=typical(after) / typical(before) - 1, first=first, last=last)
    ratio = ratio_interval(after, before, CONFIDENCE)
    return Drift(point=ratio.point - 1, low=ratio.low - 1, high=ratio.high - 1, first=first, last=last)


def largest_t(logs: _Floats) -> _Floats:
    """Return, for each row, the largest t of any stretch against the rest; for critical values."""
    return np.asarray(_t_of_stretches(logs).max(axis=-1))


def critical_t(count: int) -> float:
    """Return the t that the largest of a series of so many runs without a change seldom exceeds."""
    return float(np.interp(count, _RUNS, _CRITICAL_T))


def _candidates(logs: _Floats, offset: int) -> list[int]:
    """Return the cuts of a series in order, those of the pieces included."""
    if len(logs) < 2 * SHORTEST:
        return []
    t = _t_of_stretches(logs)
    best = int(t.argmax())
    if t[best] <= critical_t(len(logs)):
        return []
    cuts = [int(end[best]) for end in _stretches(len(logs))]
    edges = sorted({0, *cuts, len(logs)})
    within = [cut for start, end in pairwise(edges) for cut in _candidates(logs[start:end], offset + start)]
    return sorted([*within, *(offset + edge for edge in edges[1:-1])])


def _borne_out(logs: _Floats, cuts: Sequence[int]) -> list[int]:
    """Drop the weakest cut as long as the runs between its neighbours do not bear it out by themselves."""
    kept = list(cuts)
    while kept:
        edges = [0, *kept, len(logs)]
        pieces = [logs[start:end] for start, end in pairwise(edges)]
        clarity = [_clarity(before, after) for before, after in pairwise(pieces)]
        weakest = min(range(len(kept)), key=clarity.__getitem__)
        if clarity[weakest] > 1:
            break
        del kept[weakest]
    return kept


def _clarity(before: _Floats, after: _Floats) -> float:
    """Return Student's t between two neighbours as a multiple of what is significant."""
    # Imported here: scipy.special takes tens of milliseconds.
    from scipy.special import stdtrit  # noqa: PLC0415

    freedom = len(before) + len(after) - 2
    squares = float(((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum())
    error = math.sqrt(squares / freedom * (1 / len(before) + 1 / len(after)))
    difference = abs(float(after.mean() - before.mean()))
    if error == 0:
        return math.inf if difference else 0.0
    return difference / error / float(stdtrit(freedom, 1 - SIGNIFICANCE / 2))


def _t_of_stretches(logs: _Floats) -> _Floats:
    """Return Student's t of every stretch against the rest; infinite where neither side scatters."""
    count = logs.shape[-1]
    starts, ends = _stretches(count)
    inside = ends - starts
    centred = logs - logs.mean(axis=-1, keepdims=True)
    sums = np.concatenate([np.zeros((*logs.shape[:-1], 1)), centred.cumsum(axis=-1)], axis=-1)
    between = (sums[..., ends] - sums[..., starts]) ** 2 * count / (inside * (count - inside))
    squares = (centred**2).sum(axis=-1, keepdims=True)
    # Rounding leaves crumbs of about 1e-16 of each logarithm: what is smaller is no scatter.
    crumbs = count * (1e-15 * (1 + np.abs(logs).max(axis=-1, keepdims=True))) ** 2
    within = np.maximum(squares - between, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.sqrt(between / within * (count - 2))
    t = np.where(within <= crumbs, np.inf, t)
    return np.asarray(np.where(between <= crumbs, 0.0, t))


@lru_cache(maxsize=32)
def _stretches(count: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return first and end position of every stretch, so that no piece beside it is too short."""
    starts, ends = np.triu_indices(count + 1, k=SHORTEST)
    fits = (starts == 0) | (starts >= SHORTEST)
    fits &= (ends == count) | (ends <= count - SHORTEST)
    # What runs to the end is the rest of what begins with the first run.
    fits &= (ends < count) & (count - (ends - starts) >= SHORTEST)
    return starts[fits], ends[fits]
