"""How often a verdict is right: the judge and its looks, fed with recorded noise.

Usage: python tests/benchmarks/trace_simulation.py [--verdicts N] [--seed S] [--models] [--only MODE]
           [--traces FILE] [--scatter]

Costs are drawn from noise_traces.json, in which runs of four processes of one model were recorded while
nothing of the model changed; the file says where and how. They are judged by the very code that judges real
ones. A baseline is drawn from what was recorded without a neighbour, a run from what was recorded beside one.
Two ways of drawing bracket the truth:

runs      Every four processes are one recorded run: what its processes have in common stays together, but
          the next four have something else in common.
sitting   All processes of a baseline, or of a run, share one shift. The recorded runs are taken apart for it
          into shifts and rests, both scaled to their variances (one-way random model).

The mode ``unchanged`` is against a stored baseline where nothing that is recorded changed; in ``stored``
something did, be its cost the same or not.

A share is printed with its 95 % interval (Clopper-Pearson); ``per 100`` is the share of runs of 100 such
benchmarks in which one or more is REGRESSED. With --models one line per model; with --traces costs come
from another file, such as one that verdict_trials.py saved. Equal seeds print equal tables; the default takes
two minutes.
"""

import argparse
import json
import math
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from verdict_simulation import BASELINE, RESULT, process_of, share, stored_verdict

from pytest_energy.gate.judge import judge
from pytest_energy.gate.policy import PAIRED_TOLERANCE, TOLERANCE, Policy
from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.results.samples import ProcessEstimate
from pytest_energy.runner.confirmation import Evidence, judge_in_looks
from pytest_energy.runner.paired import LOOKS as PAIRED_LOOKS
from pytest_energy.statistics.scatter import scatter_of

TRACES = Path(__file__).with_name("noise_traces.json")

NEIGHBOURS = ("none", "busy", "bursty")

Run = Sequence[float]
"""Logarithms of four processes."""

Pool = Sequence[Run]
Source = Callable[[random.Random], Iterator[float]]
"""Yields logarithms of processes without end."""

# Mode, change and tolerance.
ROWS = (
    ("unchanged", 0.0, TOLERANCE),
    ("stored", 0.0, TOLERANCE),
    ("stored", 0.10, TOLERANCE),
    ("paired", 0.0, PAIRED_TOLERANCE),
    ("paired", 0.05, PAIRED_TOLERANCE),
    ("paired", 0.03, 0.01),
)


def by_runs(pool: Pool) -> Source:
    """Return what yields the processes of one recorded run after the other."""

    def logs(draw: random.Random) -> Iterator[float]:
        while True:
            yield from draw.choice(pool)

    return logs


def by_sitting(pool: Pool) -> Source:
    """Return what yields processes that have one shift in common."""
    means = [statistics.fmean(run) for run in pool]
    size = len(pool[0])
    within = statistics.fmean(statistics.variance(run) for run in pool)
    between = statistics.variance(means)
    scale = math.sqrt(max(0.0, 1 - within / size / between))
    centre = statistics.fmean(means)
    shifts = [centre + scale * (mean - centre) for mean in means]
    widened = math.sqrt(size / (size - 1))
    rests = [widened * (log - mean) for run, mean in zip(pool, means, strict=True) for log in run]

    def logs(draw: random.Random) -> Iterator[float]:
        shift = draw.choice(shifts)
        while True:
            yield shift + draw.choice(rests)

    return logs


WAYS: Mapping[str, Callable[[Pool], Source]] = {"runs": by_runs, "sitting": by_sitting}


def read_pools(path: Path, what: str) -> dict[tuple[str, str], Pool]:
    """Return recorded logarithms by model and neighbour, where there are two runs or more.

    Args:
        path: The file.
        what: ``costs``, ``medians`` or ``ratios``.
    """
    pools: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in json.loads(path.read_text(encoding="utf-8"))["runs"]:
        if run.get(what):
            pools[run["model"], run["neighbour"]].append([log / 1000 for log in run[what]])
    return {key: pool for key, pool in sorted(pools.items()) if len(pool) > 1}


def processes(logs: Iterator[float], change: float) -> Iterator[ProcessEstimate]:
    return (process_of(math.exp(log) * (1 + change)) for log in logs)


def paired_verdict(ratios: Iterator[ProcessEstimate], policy: Policy) -> tuple[Kind, int]:
    """Judge pairs with these ratios, and return the verdict and how many processes it took."""

    def judged(taken: Sequence[ProcessEstimate]) -> Verdict:
        other = replace(BASELINE, processes=tuple(process_of(1.0) for _ in taken))
        return judge(replace(RESULT, processes=tuple(taken)), other, policy, paired=True)

    evidence = Evidence(sample=lambda numbers: [next(ratios) for _ in numbers], judge=judged)
    return judge_in_looks(evidence, policy, PAIRED_LOOKS).kind, len(evidence.taken)


class Noise:
    """Recorded noise, drawn in one of the ways."""

    def __init__(self, path: Path, way: str, draw: random.Random) -> None:
        self._draw = draw
        self._costs, self._ratios = (
            {key: WAYS[way](pool) for key, pool in read_pools(path, what).items()}
            for what in ("costs", "ratios")
        )

    def cells(self, mode: str) -> list[tuple[str, str]]:
        """Return the models and neighbours that can be drawn from."""
        if mode == "paired":
            return list(self._ratios)
        return [key for key in self._costs if (key[0], "none") in self._costs]

    def verdict(self, mode: str, model: str, beside: str, change: float, policy: Policy) -> tuple[Kind, int]:
        """Draw a verdict, and return it with the number of processes that it took."""
        draw = self._draw
        if mode != "paired":
            before = processes(self._costs[model, "none"](draw), 0.0)
            after = processes(self._costs[model, beside](draw), change)
            return stored_verdict(before, after, policy, changed=mode == "stored")
        sign = draw.choice((-1, 1))  # both sessions are the same model: which is the new one is arbitrary
        ratios = (sign * log for log in self._ratios[model, beside](draw))
        return paired_verdict(processes(ratios, change), policy)


def print_line(name: str, seen: Sequence[tuple[Kind, int]], *, alarms: bool) -> None:
    """Print shares; where nothing had changed, also how often a run of 100 has an alarm."""
    kinds = Counter(kind for kind, _ in seen)
    shares = "".join(f"{share(kinds[kind], len(seen)):>24}" for kind in (Kind.REGRESSED, Kind.INCONCLUSIVE))
    mean = statistics.fmean(taken for _, taken in seen)
    per_100 = f"{100 * (1 - (1 - kinds[Kind.REGRESSED] / len(seen)) ** 100):8.1f}" if alarms else ""
    print(f"{name:58}{len(seen):>7}{shares}{mean:>10.1f}{per_100}", flush=True)


def print_scatter(path: Path) -> None:
    """Print how costs scatter: by the mean of the lowest fifth of blocks, and by their median."""
    print(
        "in %: standard deviation between processes / between runs beyond that, and change beside a neighbour"
    )
    for what in ("costs", "medians", "ratios"):
        pools = read_pools(path, what)
        for model in sorted({model for model, _ in pools}):
            cells = []
            for beside in [each for each in NEIGHBOURS if (model, each) in pools]:
                pool = pools[model, beside]
                scatter = scatter_of([[math.exp(log) for log in run] for run in pool])
                moved = centre(pool) - centre(pools.get((model, "none"), pool))
                cells.append(
                    f"{beside:>8} {100 * scatter.between_processes:5.1f} /{100 * scatter.between_runs:4.1f}"
                    f" {100 * math.expm1(moved):+5.1f}"
                )
            print(f"{what:9}{model:20}{''.join(cells)}")


def centre(pool: Pool) -> float:
    """Return the median of all processes."""
    return statistics.median(log for run in pool for log in run)


def main() -> None:
    """Draw every row and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--verdicts", type=int, default=20_000, help="per row and way")
    parser.add_argument("--seed", type=int, default=20260101)
    modes = sorted({mode for mode, *_ in ROWS})
    parser.add_argument("--only", choices=modes, help="leave the other rows out")
    parser.add_argument("--models", action="store_true", help="one line per model")
    parser.add_argument("--traces", type=Path, default=TRACES, help="file with recorded noise")
    parser.add_argument("--scatter", action="store_true", help="print how costs scatter instead")
    chosen = parser.parse_args()
    if chosen.scatter:
        print_scatter(chosen.traces)
        return
    print(f"{'way':9}{'trial':49}{'n':>7}{'REGRESSED %':>24}{'INCONCLUSIVE %':>24}{'processes':>10} per 100")
    for way in WAYS:
        for mode, change, tolerance in [row for row in ROWS if chosen.only in {None, row[0]}]:
            noise = Noise(chosen.traces, way, random.Random(chosen.seed))  # noqa: S311 - a simulation
            cells = noise.cells(mode)
            policy = Policy(tolerance=tolerance)
            each = -(-chosen.verdicts // len(cells))
            seen = {
                (model, beside): [noise.verdict(mode, model, beside, change, policy) for _ in range(each)]
                for model, beside in cells
            }
            name = f"{way:9}{mode}, {change:+.0%}, tolerance {tolerance:.0%}"
            groups = sorted({model for model, _ in cells}) if chosen.models else []
            for group in groups:
                own = [one for key, some in seen.items() for one in some if key[0] == group]
                print_line(f"{name}: {group}", own, alarms=not change)
            print_line(name, [one for some in seen.values() for one in some], alarms=not change)


if __name__ == "__main__":
    main()
