"""The charts of one benchmark. Another one is a function in ``CHARTS`` and a specification in ``specs/``."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.baselines.series import Series
from pytest_energy.gate.verdict import Verdict
from pytest_energy.quantities import format_change, format_quantity
from pytest_energy.reports import figures, summary
from pytest_energy.reports.page.chart import Cell, Chart
from pytest_energy.reports.page.training_chart import training
from pytest_energy.results.result import Result
from pytest_energy.results.samples import ProcessEstimate, ProcessSamples
from pytest_energy.statistics.trimmed import typical

Make = Callable[[Verdict, Sequence[Series]], Iterator[Chart]]
Quantity = Callable[[ProcessEstimate], float]

_ROUNDS_SHOWN = 15  # of a process, evenly spread over its sorted rounds
_OPERATORS_SHOWN = 12
_RUNS_SHOWN = 200


def charts(verdict: Verdict, history: Sequence[Series]) -> list[Chart]:
    """Return every chart for which there are figures.

    Args:
        verdict: The benchmark.
        history: Its earlier runs in this environment, one series per reference.
    """
    return [chart for make in CHARTS for chart in make(verdict, history)]


def _distribution(verdict: Verdict, _: Sequence[Series]) -> Iterator[Chart]:
    """Show each process, and what its rounds scattered, against the processes of the baseline."""
    result, baseline = verdict.result, verdict.baseline
    if baseline is None or verdict.change is None:
        yield from _distribution_alone(result)
        return
    quantity = _quantity(verdict, baseline)
    level = typical([quantity(one) for one in baseline.processes])
    rows: list[tuple[Cell, ...]] = [
        ("baseline", quantity(one) / level - 1, None) for one in baseline.processes
    ]
    rows += [("now", quantity(one) / level - 1, None) for one in result.processes]
    if quantity is _cost:
        rows += [("rounds now", each / level - 1, None) for one in result.samples for each in _rounds(one)]
    rows.append(("tolerance", None, verdict.tolerance))
    yield Chart(
        kind="distribution",
        title="Distribution against the baseline",
        alternative=(
            f"Cost of a step in {len(result.processes)} processes now and {len(baseline.processes)} of the "
            f"baseline, relative to the baseline: {figures.change(verdict.change)}; tolerance "
            f"{format_change(verdict.tolerance)}."
        ),
        columns={"group": "group", "value": "against the baseline (fraction)", "tolerance": "tolerance"},
        rows=rows,
    )


def _distribution_alone(result: Result) -> Iterator[Chart]:
    watts = result.pins.core_power_w
    rows = [("now", one.cpu_s * watts) for one in result.processes]
    yield Chart(
        kind="distribution-alone",
        title="Distribution",
        alternative=(
            f"Energy of a step in {summary.plural(len(result.processes), 'process')}: "
            f"{figures.energy(result)}. There is nothing to compare it with."
        ),
        columns={"group": "group", "value": "energy per step (J)"},
        rows=rows,
    )


def _cost(one: ProcessEstimate) -> float:
    return one.cost


def _quantity(verdict: Verdict, baseline: Baseline) -> Quantity:
    """Return what the verdict compared: cost in units of the reference, where both sides have one."""
    if not verdict.paired and verdict.result.factors.reference == baseline.factors.reference:
        return _cost
    return lambda one: one.cpu_s


def _rounds(samples: ProcessSamples) -> list[float]:
    """Return costs of rounds that were not disturbed, thinned to quantiles."""
    pairs = enumerate(zip(samples.step_cpu_s, samples.reference_cpu_s, strict=False))
    voided = set(samples.voided)
    costs = sorted(step / unit for number, (step, unit) in pairs if number not in voided and unit > 0)
    if len(costs) <= _ROUNDS_SHOWN:
        return costs
    last = len(costs) - 1
    return [costs[round(last * step / (_ROUNDS_SHOWN - 1))] for step in range(_ROUNDS_SHOWN)]


_PART_NAMES = {"cpu": "CPU", "dram": "DRAM", "gpu": "GPU"}


def _parts(verdict: Verdict, _: Sequence[Series]) -> Iterator[Chart]:
    """Show what a step takes by component."""
    energy = verdict.result.energy
    rows = [(_shown(name), joules) for name, joules in energy.parts_j.items()]
    rows += [(f"{_shown(one.component)}, {one.method}", one.energy_j) for one in energy.measured]
    if any(joules for _, joules in rows):
        told = ", ".join(f"{name} {format_quantity(joules, 'J')}" for name, joules in rows)
        yield Chart(
            kind="parts",
            title="Energy by component",
            alternative=f"Energy of a step: {told}.",
            columns={"part": "component", "value": "energy per step (J)"},
            rows=rows,
        )


def _shown(part: str) -> str:
    return _PART_NAMES.get(part, part)


def _operators(verdict: Verdict, _: Sequence[Series]) -> Iterator[Chart]:
    """Show where the time of a step goes, operators of one type and provider together."""
    profile = verdict.result.operators
    if profile is None or not profile.operators:
        return
    shares: dict[tuple[str, str], float] = defaultdict(float)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one in profile.operators:
        key = one.op_type, one.provider.removesuffix("ExecutionProvider") or "unknown"
        shares[key] += one.share
        counts[key] += 1
    ordered = sorted(shares.items(), key=lambda item: -item[1])
    rows: list[tuple[Cell, ...]] = [
        (op_type, provider, counts[op_type, provider], share)
        for (op_type, provider), share in ordered[:_OPERATORS_SHOWN]
    ]
    rest = ordered[_OPERATORS_SHOWN:]
    if rest:
        left = sum(counts[key] for key, _ in rest)
        rows.append((f"{len(rest)} others", "any", left, sum(share for _, share in rest)))
    first = ", ".join(f"{op_type} {share * 100:.0f} %" for (op_type, _), share in ordered[:3])
    yield Chart(
        kind="operators",
        title="Operators by share of the time",
        alternative=f"Share of the time of a step by operator: {first}.",
        columns={
            "operator": "operator",
            "provider": "provider",
            "nodes": "nodes",
            "value": "share (fraction)",
        },
        rows=rows,
    )


def _history(_: Verdict, history: Sequence[Series]) -> Iterator[Chart]:
    """Show the cost from run to run, and where its level changed."""
    for series in history:
        rows = list(_runs(series))
        if len(rows) > 1:
            changes = [
                f"{format_change(change.change)} from {series.entries[change.index].time[:10]} on"
                for change in series.changes
            ]
            yield Chart(
                kind="history",
                title="History" + (f" in units of {series.reference}" if len(history) > 1 else ""),
                alternative=(
                    f"Cost of a step in {len(series.entries)} runs since {series.entries[0].time[:10]}: "
                    f"{'; '.join(changes) or 'no change point'}."
                ),
                columns={
                    "run": "run",
                    "time": "time",
                    "commit": "commit",
                    "value": "against the first level (fraction)",
                    "level": "",
                    "change": "change point",
                    "verdict": "verdict",
                },
                rows=rows[-_RUNS_SHOWN:],
            )


def _runs(series: Series) -> Iterator[tuple[Cell, ...]]:
    changes = {one.index: one.change for one in series.changes}
    levels = _levels([one.cost for one in series.entries], list(changes))
    for number, entry in enumerate(series.entries):
        change = changes.get(number)
        yield (
            number + 1,
            entry.time,
            entry.commit,
            entry.cost / levels[0] - 1,
            levels[number] / levels[0] - 1,
            None if change is None else format_change(change),
            entry.verdict,
        )


def _levels(costs: Sequence[float], cuts: Sequence[int]) -> list[float]:
    """Return for each run the level of the stretch that it is in."""
    stretches = (costs[start:end] for start, end in pairwise([0, *cuts, len(costs)]))
    return [level for stretch in stretches for level in [typical(stretch)] * len(stretch)]


CHARTS: tuple[Make, ...] = (_distribution, training, _parts, _operators, _history)
"""Makers of charts, in the order in which they stand on the page."""
