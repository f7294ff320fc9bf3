"""A matrix: one benchmark on every provider of every environment, in workers that take turns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_energy.errors import HarnessError, ProviderUnavailable
from pytest_energy.gate.standing import CONFIDENCE, Way
from pytest_energy.results.session_settings import SessionSettings
from pytest_energy.runner.environments import Candidate, sample_in_turns
from pytest_energy.runner.pipeline import current_factors
from pytest_energy.runner.result_of_samples import build_result
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.interpreter import Interpreter
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry

PROCESSES = 8
"""Processes of each candidate: enough to trim, and for intervals that hold for many pairs at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A benchmark that was not measured in an environment.

    Attributes:
        id: The benchmark.
        reason: Why, and in which environment.
        absent: Whether the environment merely lacks the provider.
    """

    id: str
    reason: str
    absent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came of a matrix.

    Attributes:
        ways: What was measured.
        left_out: What was not.
    """

    ways: tuple[Way, ...]
    left_out: tuple[LeftOut, ...]


def alike_but_for_provider(entries: Iterable[SuiteEntry]) -> list[list[SuiteEntry]]:
    """Group entries that run one model in one way, on several providers with their own options."""
    groups: dict[object, list[SuiteEntry]] = {}
    for entry in entries:
        key = replace(entry.benchmark, provider=None, session=SessionSettings())
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def measure_matrix(
    entries: Sequence[SuiteEntry], places: Sequence[tuple[str, Interpreter]], setup: Setup
) -> Measured:
    """Measure entries in every environment that can run them.

    Args:
        entries: Entries that run one model in one way, on several providers.
        places: Environments, by the names that their results get.
        setup: What the run holds fixed; the time of its plan is for one process of one candidate.
    """
    candidates: list[tuple[str, Candidate]] = []
    left_out: list[LeftOut] = []
    for name, interpreter in places:
        for entry in entries:
            fault = _fault(entry, interpreter, setup)
            if fault is None:
                candidates.append((name, Candidate(entry=entry, interpreter=interpreter)))
            else:
                left_out.append(fault)
    if not candidates:
        return Measured(ways=(), left_out=tuple(left_out))
    try:
        ways = _ways(candidates, setup)
    except HarnessError as error:
        reason = f"all of it was given up. {error}"
        return Measured(
            ways=(), left_out=(*left_out, LeftOut(id=entries[0].benchmark.id, reason=reason, absent=False))
        )
    return Measured(ways=ways, left_out=tuple(left_out))


def _fault(entry: SuiteEntry, interpreter: Interpreter, setup: Setup) -> LeftOut | None:
    """Load an entry where it is to run; what is wrong there must not stop the others."""
    try:
        with interpreter.named():
            current_factors(entry, setup, interpreter)
    except HarnessError as error:
        absent = isinstance(error, ProviderUnavailable)
        return LeftOut(id=entry.benchmark.id, reason=str(error), absent=absent)
    return None


def _ways(candidates: Sequence[tuple[str, Candidate]], setup: Setup) -> tuple[Way, ...]:
    entry = candidates[0][1].entry
    rounds = entry.benchmark.id
    doing = f"{entry.benchmark.name} b{entry.benchmark.batch}, {len(candidates)} ways in turns"
    together = replace(setup, plan=replace(setup.plan, time_s=setup.plan.time_s * len(candidates)))
    taken = [
        sample_in_turns(
            [each for _, each in candidates],
            number,
            f"{doing}: process {number + 1} of {PROCESSES}",
            together,
        )
        for number in range(PROCESSES)
    ]
    return tuple(
        Way(
            result=build_result(
                each.entry.benchmark,
                [own[number] for own in taken],
                setup.conditions,
                model_hash=read_model_hash(each.entry.model_path),
                confidence=CONFIDENCE,
            ),
            source=name,
            rounds=rounds,
        )
        for number, (name, each) in enumerate(candidates)
    )
