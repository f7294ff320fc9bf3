"""The message of a FAILED item: by how much, how surely, against what, why, and how to accept it."""

import textwrap
from collections.abc import Iterator, Sequence

from pytest_energy.baselines.baseline import Baseline
from pytest_energy.gate.verdict import Change, Kind, Verdict
from pytest_energy.quantities import format_change, format_quantity
from pytest_energy.reports import figures
from pytest_energy.reports.escaping import for_terminal, without_commands
from pytest_energy.reports.summary import plural
from pytest_energy.results.result import Result

_WIDTH = 79
_LABEL = 24
_TIED_PERCENT = "\N{NO-BREAK SPACE}%"

_UPDATE = 'pytest --energy --energy-update --energy-reason "why" ...'
_RECORD = "pytest --energy --energy-update ..."
_MERGED = "To accept it, merge it: the next revision is what will be compared with."
_COMPARED = f"A comparison records nothing. To accept the cost where baselines are kept:\n{_UPDATE}"


def explain(verdict: Verdict, baseline_path: str | None) -> str:
    """Explain one verdict that fails the build.

    Args:
        verdict: The verdict with its evidence.
        baseline_path: Where its baseline lies, relative to the project; None where there is none.

    Returns:
        Plain lines without ANSI codes, up to 79 characters where words allow it.
    """
    lines = _wrapped(headline(verdict))
    for label, texts in facts(verdict, baseline_path):
        for number, text in enumerate(texts):
            lines += _wrapped(text, "" if number else label)
    advice, _, command = next_step(verdict).partition("\n")
    # A command is kept on one line, so that it can be copied.
    lines += [*_wrapped(advice), *(f"  {for_terminal(each)}" for each in command.splitlines())]
    return without_commands("\n".join(lines))


def headline(verdict: Verdict) -> str:
    """Name the benchmark and its verdict, and say by how much."""
    budget = ", over budget" if verdict.over_budget else ""
    return f"{verdict.result.benchmark.id} {verdict.kind}{budget}: {by_how_much(verdict)}"


def by_how_much(verdict: Verdict) -> str:
    """Say how energy per step changed and what is tolerated; only what it is, where nothing is compared."""
    if verdict.change is None:
        return f"energy per step {figures.energy(verdict.result)}"
    return f"energy per step {figures.change(verdict.change)}, tolerance {format_change(verdict.tolerance)}"


def facts(verdict: Verdict, baseline_path: str | None) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what there is to know, each a label and its texts, of which there is at least one."""
    if verdict.baseline and verdict.change and verdict.kind is not Kind.INCOMPARABLE:
        yield from _before_and_after(verdict.baseline, verdict.change)
    else:
        yield from _measured(verdict.result)
    if verdict.latency:
        yield "latency", [f"{figures.change(verdict.latency)}; not gated"]
    yield "certainty", [_certainty(verdict)]
    if verdict.compared_with:
        yield "compared with", [verdict.compared_with]
    else:
        yield "baseline", _baseline(verdict.baseline, baseline_path)
    if verdict.factors:
        yield "changed since", [figures.factor(each) for each in verdict.factors]
    if verdict.operators:
        yield "operators", verdict.operators
    if verdict.reasons:
        yield "reasons", verdict.reasons


def next_step(verdict: Verdict) -> str:
    """Say what to do about it; commands stand on lines of their own."""
    if verdict.over_budget:
        return (
            "An update lifts no budget: make the step cheaper, or raise the budget where it is set, "
            "in the suite or in the test."
        )
    if verdict.paired:
        return _COMPARED if verdict.compared_with else _MERGED
    if verdict.baseline is None or verdict.kind is Kind.INCOMPARABLE:
        return f"To record a baseline for this machine, then commit it:\n{_RECORD}"
    if verdict.kind is Kind.INCONCLUSIVE and not _surely_grew(verdict):
        return "To settle it, give it more time (--energy-time SECONDS) or a quieter machine."
    settled_by = _settled_by(verdict)
    if settled_by:
        return f"To run both versions side by side, and to accept the new one:\n{settled_by}\n{_UPDATE}"
    return f"To accept it, then commit the baseline:\n{_UPDATE}"


def _settled_by(verdict: Verdict) -> str:
    """Name the command that runs both versions side by side, where it is known what the old one was."""
    commit = verdict.baseline.provenance.commit if verdict.baseline else None
    model_changed = any(change.name == "model" for change in verdict.factors)
    if not model_changed or commit is None or commit.endswith("+dirty"):
        return ""
    return f"pytest --energy --energy-against {commit} ..."


def _wrapped(text: str, label: str | None = None) -> list[str]:
    first = "" if label is None else f"  {label:<{_LABEL}}"
    lines = textwrap.wrap(
        for_terminal(text).replace(" %", _TIED_PERCENT),
        width=_WIDTH,
        initial_indent=first,
        subsequent_indent=" " * (len(first) or 4),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_TIED_PERCENT, " %") for line in lines]


def _before_and_after(baseline: Baseline, change: Change) -> Iterator[tuple[str, Sequence[str]]]:
    joules = baseline.energy_j, baseline.energy_j * (1 + change.point)
    grams = (figures.carbon_at(baseline.pins, each) for each in joules)
    yield "energy per step", [" -> ".join(format_quantity(each, "J") for each in joules)]
    yield f"gCO2e per {figures.STEPS:,} steps", [" -> ".join(grams)]
    yield "computed with", [f"{figures.pins(baseline.pins)}, as the baseline pins them"]


def _measured(result: Result) -> Iterator[tuple[str, Sequence[str]]]:
    yield "energy per step", [figures.energy(result)]
    yield f"gCO2e per {figures.STEPS:,} steps", [figures.carbon(result)]
    yield "computed with", [figures.pins(result.pins)]


def _certainty(verdict: Verdict) -> str:
    now = plural(len(verdict.result.processes), "process")
    if verdict.baseline is None:
        return now
    if verdict.paired:
        return f"{now}, both versions in alternation"
    words = f"{now} now, {len(verdict.baseline.processes)} in the baseline"
    if verdict.change and verdict.change.low is None:
        words += "; one process gives no interval"
    return words


def _baseline(baseline: Baseline | None, path: str | None) -> list[str]:
    """Say what it is; its path has a line of its own, for it is long."""
    if baseline is None:
        return ["none; it would be", path] if path else ["none"]
    return [figures.provenance(baseline), *([path] if path else [])]


def _surely_grew(verdict: Verdict) -> bool:
    """Whether an update with a reason would accept the figure although it is in doubt how much it grew."""
    return verdict.change is not None and verdict.change.low is not None and verdict.change.low > 0
