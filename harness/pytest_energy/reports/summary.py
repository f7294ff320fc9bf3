"""The summary: how many verdicts of each kind, and what there is to explain."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_energy.gate.verdict import Kind, Unchanged, Verdict
from pytest_energy.quantities import format_change, format_ratio
from pytest_energy.reports.report import Electricity, Report, Update
from pytest_energy.results.energy import SciScore
from pytest_energy.results.factors import FactorChange

FINE = frozenset({Kind.PASSED, Kind.IMPROVED, Kind.UNCHANGED})
"""Verdicts that never fail a build."""

_NAMED = 4  # benchmarks that are named before a note that they share

_ORDER = (
    Kind.PASSED,
    Kind.UNCHANGED,
    Kind.IMPROVED,
    Kind.REGRESSED,
    Kind.INCONCLUSIVE,
    Kind.INCOMPARABLE,
    Kind.NEW,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is said of one benchmark, or of several of which the same is to be said.

    Attributes:
        kind: Their verdict.
        fails: Whether they fail the build.
        benchmarks: Ids of the benchmarks, each with its change where it has one.
        reasons: Sentences that explain the verdict.
        operators: Sentences on which operators made a step dearer.
        factors: What changed since the baseline; empty where the verdict needs no cause.
    """

    kind: Kind
    fails: bool
    benchmarks: tuple[str, ...]
    reasons: tuple[str, ...]
    operators: tuple[str, ...]
    factors: tuple[FactorChange, ...]

    @property
    def remark(self) -> str:
        """A word on the build where the verdict alone does not tell: empty for a regression that fails."""
        if self.fails == (self.kind is Kind.REGRESSED):
            return ""
        return "fails the build" if self.fails else "does not fail the build"


def counted(report: Report) -> str:
    """Count the verdicts in one line: ``6 benchmarks: 5 passed, 1 REGRESSED``."""
    total = len(report.verdicts) + len(report.unchanged) + len(report.without)
    counts = Counter(verdict.kind for verdict in report.verdicts)
    counts[Kind.UNCHANGED] += len(report.unchanged)
    parts = [f"{counts[kind]} {kind.lower() if kind in FINE else kind}" for kind in _ORDER if counts[kind]]
    if report.without:
        parts.append(f"{len(report.without)} without verdict")
    return f"{plural(total, 'benchmark')}: {', '.join(parts)}" if parts else plural(total, "benchmark")


def plural(count: int, noun: str) -> str:
    """Write a count with its noun: ``1 process``, ``2 processes``."""
    ending = "" if count == 1 else "es" if noun.endswith(("s", "ch")) else "s"
    return f"{count} {noun}{ending}"


def explanations(verdicts: Iterable[Verdict]) -> tuple[Explanation, ...]:
    """Explain every verdict that is not plain PASSED; benchmarks with the same explanation share it."""
    groups: dict[Explanation, list[str]] = {}
    for verdict in verdicts:
        factors = () if verdict.kind in FINE else verdict.factors
        if verdict.kind is not Kind.PASSED or verdict.reasons:
            said = Explanation(
                kind=verdict.kind,
                fails=verdict.fails,
                benchmarks=(),
                reasons=verdict.reasons,
                operators=verdict.operators,
                factors=factors,
            )
            groups.setdefault(said, []).append(_named(verdict))
    return tuple(replace(said, benchmarks=tuple(named)) for said, named in groups.items())


def unchanged(ones: Iterable[Unchanged]) -> Mapping[str, Sequence[str]]:
    """Group benchmarks that were not run by how it is known that nothing of them changed."""
    groups: dict[str, list[str]] = {}
    for one in ones:
        groups.setdefault(one.reason, []).append(one.benchmark.id)
    return groups


def updated(updates: Iterable[Update]) -> Mapping[str, Sequence[str]]:
    """Group what was done with baselines by action and folder: ``recorded in baselines/x`` and the ids."""
    groups: dict[str, list[str]] = {}
    for one in updates:
        folder = one.path.rpartition("/")[0]
        groups.setdefault(f"{one.action}, in {folder}", []).append(one.id)
    return groups


def _named(verdict: Verdict) -> str:
    name = verdict.result.benchmark.id
    return f"{name} {format_change(verdict.change.point)}" if verdict.change else name


def notes(report: Report) -> tuple[str, ...]:
    """Every note once: those of the run, then those of the benchmarks, which are named unless all have it."""
    having: dict[str, list[str]] = {}
    for verdict in report.verdicts:
        for note in dict.fromkeys(verdict.result.notes):
            having.setdefault(note, []).append(verdict.result.benchmark.id)
    of_benchmarks = (
        note if len(ids) == len(report.verdicts) else f"{_some(ids)}: {note}" for note, ids in having.items()
    )
    return tuple(dict.fromkeys([*report.notes, *of_benchmarks]))


def _some(ids: Sequence[str]) -> str:
    """Name a few of them: ``a, b, c and 7 more``."""
    shown = ", ".join(ids[:_NAMED])
    return shown if len(ids) <= _NAMED else f"{shown} and {len(ids) - _NAMED} more"


def method(report: Report) -> str:
    """Say how joules were found and what ± leaves out: ``modelled, generic x0.5..x2; ± is timing only``."""
    methods = _distinct(verdict.result.energy.method for verdict in report.verdicts)
    confidences = confidence_levels(report.verdicts)
    words = ", ".join([*methods, report.profile])
    return f"{words}; ± is timing only" + (f" ({confidences})" if confidences else "")


def carbon(report: Report) -> str:
    """Say what emissions were computed with, and what they leave out."""
    return f"{report.carbon}; {_embodied([verdict.result.score for verdict in report.verdicts])}"


def _embodied(scores: Sequence[SciScore]) -> str:
    """Say what making the machine adds, as the range of its part in operational emissions."""
    devices = {score.embodied.device for score in scores if score.embodied}
    parts = [one.embodied_g / one.operational_g for one in scores if one.embodied_g and one.operational_g]
    if not parts or len(devices) != 1:
        return "embodied emissions left out"
    low, high = f"{min(parts) * 100:.2g}", f"{max(parts) * 100:.2g}"
    span = low if low == high else f"{low} to {high}"
    return f"embodied emissions apart: {span} % of that ({devices.pop()})"


def here(report: Report) -> str:
    """Say what electricity emits where or when the run took place, and how that compares."""
    if report.here is None:
        return ""
    electricity = report.here
    words = f"{electricity.intensity.in_words}, {electricity.pue.in_words}"
    return f"{words}; {_compared(electricity, report)}; for reports only ({electricity.because})"


def _compared(electricity: Electricity, report: Report) -> str:
    """Compare with what the grams were computed with, where both are of one kind."""
    used = {(score.intensity, score.pue) for score in (one.result.score for one in report.verdicts)}
    if len(used) != 1:
        return "not compared"
    ((intensity, pue),) = used
    if intensity.kind != electricity.intensity.kind:
        return f"not compared with what is {intensity.kind}"
    grams = intensity.g_per_kwh * pue
    if not grams:
        return "not compared with grams of 0"
    times = electricity.intensity.g_per_kwh * electricity.pue.value / grams
    return f"grams would be {format_ratio(times)} times as many"


def confidence_levels(verdicts: Iterable[Verdict]) -> str:
    """The confidence of the intervals, ``98 %``; empty where there is none."""
    found = (verdict.change.confidence for verdict in verdicts if verdict.change)
    return ", ".join(_distinct(f"{each * 100:g} %" for each in found if each is not None))


def _distinct(words: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(words))
