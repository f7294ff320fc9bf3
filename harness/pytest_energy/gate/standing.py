"""Standings: several ways of running one model, ranked by a quantity, with ties where nobody can tell.

Two ways are told apart where the interval of their ratio lies beyond a margin. It rests on their processes:
process by process where these ran in alternation, else as two independent groups. The confidence holds for
all pairs of ways at once (Bonferroni), for the more ways there are, the likelier one looks best by chance.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pytest_energy.gate.policy import PAIRED_TOLERANCE, TOLERANCE
from pytest_energy.gate.verdict import Change
from pytest_energy.results.result import Result
from pytest_energy.statistics.trimmed import ratio_interval, spread, typical, typical_interval

CONFIDENCE = 0.98
"""Two-sided, for all pairs at once."""

_COMPARABLE_KINDS = frozenset({"lifecycle", "direct", "operational"})


class Quantity(StrEnum):
    """What ways are ranked by. All but latency are of one item of the batch, so that batches compare."""

    LATENCY = "latency"
    THROUGHPUT = "throughput"
    ENERGY = "energy"
    CARBON = "carbon"
    DELAY = "energy-delay product"


_Costed = tuple["Way", Sequence[float]]  # a way, and what it cost in each process

_OF_ENERGY = frozenset({Quantity.ENERGY, Quantity.CARBON, Quantity.DELAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of running a model.

    Attributes:
        result: What was measured.
        source: Where it comes from: a file or an environment; empty for the run at hand.
        rounds: What it took turns in with other ways, process by process; None where it ran by itself.
    """

    result: Result
    source: str = ""
    rounds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one way stands by one quantity.

    Attributes:
        value: s per step, items per second, or J, gCO2e or J*s per item.
        half: Half-width of its random band as a fraction of it; None where one process gave none.
        rank: One more than the number of ways that surely do better; None where it was not compared.
        leads: Whether it is the best, or ties with it; False where it was not compared.
        behind: By how much it differs from the best way; None for that one, and where it was not compared.
    """

    value: float
    half: float | None
    rank: int | None = None
    leads: bool = False
    behind: Change | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All ways by one quantity.

    Attributes:
        quantity: By which.
        standings: One per way, in their order.
        remarks: Why some or all were not compared, in sentences.
    """

    quantity: Quantity
    standings: tuple[Standing, ...]
    remarks: tuple[str, ...] = ()


def ranking(quantity: Quantity, ways: Sequence[Way]) -> Ranking:
    """Rank ways by a quantity.

    Args:
        quantity: By which; less is better, save for throughput.
        ways: At least one.
    """
    faults = [_fault(quantity, way.result) for way in ways]
    remarks = list(dict.fromkeys(filter(None, faults)))
    compared = [way for way, fault in zip(ways, faults, strict=True) if not fault]
    if quantity is Quantity.CARBON and (bases := _mixed_bases(compared)):
        remarks.append(bases)
        compared = []
    placed = dict(zip(map(id, compared), _placed(quantity, compared), strict=True))
    standings = tuple(placed.get(id(way)) or _shown(quantity, way) for way in ways)
    return Ranking(quantity=quantity, standings=standings, remarks=tuple(remarks))


def _placed(quantity: Quantity, ways: Sequence[Way]) -> list[Standing]:
    """Compare every way with every other one, by costs of which less is better."""
    if not ways:
        return []
    pairs = max(1, math.comb(len(ways), 2))
    confidence = 1 - (1 - CONFIDENCE) / pairs
    costs = [_costs(quantity, way.result) for way in ways]
    better: list[set[int]] = [set() for _ in ways]
    for one, other in itertools.combinations(range(len(ways)), 2):
        more = _more(quantity, (ways[other], costs[other]), (ways[one], costs[one]), confidence)
        margin = _margin(ways[other], ways[one])
        if more.low is not None and more.low > margin:
            better[other].add(one)
        if more.high is not None and 1 / (1 + more.high) - 1 > margin:
            better[one].add(other)
    usual = [typical(each) for each in costs]
    best = usual.index(min(usual))
    than = ways[best], costs[best]
    return [
        Standing(
            value=_value(quantity, usual[number]),
            half=spread(costs[number], CONFIDENCE),
            rank=1 + len(better[number]),
            leads=best not in better[number],
            behind=None if number == best else _behind(quantity, (way, costs[number]), than, confidence),
        )
        for number, way in enumerate(ways)
    ]


def _shown(quantity: Quantity, way: Way) -> Standing:
    """Return the figure of a way that is not compared."""
    costs = _costs(quantity, way.result)
    if min(costs) <= 0:
        return Standing(value=0.0, half=None)
    return Standing(value=_value(quantity, typical(costs)), half=spread(costs, CONFIDENCE))


def _value(quantity: Quantity, cost: float) -> float:
    return 1 / cost if quantity is Quantity.THROUGHPUT else cost


def _behind(quantity: Quantity, way: _Costed, best: _Costed, confidence: float) -> Change:
    """By how much a quantity differs from the best one; of throughput, by how much less there is."""
    more = _more(quantity, way, best, confidence)
    if quantity is not Quantity.THROUGHPUT:
        return more
    low, point, high = (
        None if each is None else 1 / (1 + each) - 1 for each in (more.high, more.point, more.low)
    )
    return Change(point=point or 0.0, low=low, high=high, confidence=more.confidence)


def _more(quantity: Quantity, one: _Costed, other: _Costed, confidence: float) -> Change:
    """By how much the cost of one way exceeds another's, with all that makes it unsure.

    What the other costs more than the one is the inverse of it.
    """
    (way, costs), (than, others) = one, other
    if min(len(costs), len(others)) == 1:
        return Change(point=typical(costs) / typical(others) - 1)
    if _in_turns(way, than):
        ratio = typical_interval([each / base for each, base in zip(costs, others, strict=True)], confidence)
    else:
        ratio = ratio_interval(costs, others, confidence)
    low, high = _bands(way.result, than.result) if quantity in _OF_ENERGY else (1.0, 1.0)
    return Change(
        point=ratio.point - 1, low=ratio.low * low - 1, high=ratio.high * high - 1, confidence=CONFIDENCE
    )


def _in_turns(one: Way, other: Way) -> bool:
    return (
        one.rounds is not None
        and one.rounds == other.rounds
        and len(one.result.processes) == len(other.result.processes)
    )


def _bands(one: Result, other: Result) -> tuple[float, float]:
    """Return the factors by which two power profiles may be wrong against each other; 1 for the same one."""
    if _yardstick(one) == _yardstick(other):
        return 1.0, 1.0
    low = one.energy.systematic_low / other.energy.systematic_high
    return low, one.energy.systematic_high / other.energy.systematic_low


def _yardstick(result: Result) -> tuple[object, ...]:
    """Return what joules of a result are computed by: what is wrong with it is wrong alike on both sides."""
    return result.environment.id, result.energy.method, result.pins.profile, result.pins.device_power_w


def _margin(one: Way, other: Way) -> float:
    """Return the least difference that is told.

    What ran one after the other met another machine, as it were: where its reference tells that its own pace
    moved by more than the margin, that is the margin.
    """
    if _in_turns(one, other):
        return PAIRED_TOLERANCE
    first, second = one.result, other.result
    if first.environment.id != second.environment.id or first.factors.reference != second.factors.reference:
        return TOLERANCE
    paces = [typical([each.reference_cpu_s for each in result.processes]) for result in (first, second)]
    return max(TOLERANCE, max(paces) / min(paces) - 1)


def _costs(quantity: Quantity, result: Result) -> list[float]:
    """Return what one item cost in each process, or how long a step took; less is better."""
    durations = [one.duration_s for one in result.processes]
    if quantity is Quantity.LATENCY:
        return durations
    batch = result.benchmark.batch
    if quantity is Quantity.THROUGHPUT:
        return [duration / batch for duration in durations]
    seconds = [one.seconds(result.factors.signal) for one in result.processes]
    each_j = result.energy.energy_j / typical(seconds) / batch
    joules = [each_j * one for one in seconds]
    if quantity is Quantity.ENERGY:
        return joules
    if quantity is Quantity.CARBON:
        grams_per_j = result.score.operational_g / result.energy.energy_j
        return [one * grams_per_j for one in joules]
    return [one * duration for one, duration in zip(joules, durations, strict=True)]


def _fault(quantity: Quantity, result: Result) -> str:
    """Say why a figure cannot be compared; empty where it can."""
    if quantity in _OF_ENERGY and result.factors.signal == "device" and result.pins.device_power_w is None:
        return (
            f"{quantity} of {result.benchmark.provider} is not compared: what the accelerator draws is not "
            "known, so it is that of the processor alone"
        )
    if quantity is Quantity.CARBON and not result.score.operational_g:
        return f"carbon is not compared at {result.score.intensity.in_words}: it is 0 for every way"
    return ""


def _mixed_bases(ways: Sequence[Way]) -> str:
    """Say that grams stand on different bases; empty where they stand on one."""
    intensities = {way.result.score.intensity for way in ways}
    kinds = sorted({each.kind for each in intensities})
    if len(intensities) <= 1 or (len(kinds) == 1 and kinds[0] in _COMPARABLE_KINDS):
        return ""
    words = "; ".join(sorted(each.in_words for each in intensities))
    return f"carbon is not compared: intensities are not known to be on one basis ({words})"
