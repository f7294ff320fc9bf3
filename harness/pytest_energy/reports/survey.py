"""A survey: what several runs or environments measured, compared model by model, before it has a format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_energy.gate.contest import Contest, alone, contests
from pytest_energy.gate.differences import Difference, differences
from pytest_energy.gate.standing import Way
from pytest_energy.reports.report import NoVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Several ways of running models.

    Attributes:
        version: Version of pytest-energy that compares.
        sources: Where ways come from, and that in words.
        differences: What is not the same in these places.
        contests: One per model that was measured in several ways.
        alone: What was measured in one way only.
        left_out: What was asked for and not measured, and why.
        notes: Sentences that a reader must know.
    """

    version: str
    sources: Mapping[str, str]
    differences: tuple[Difference, ...]
    contests: tuple[Contest, ...]
    alone: tuple[str, ...] = ()
    left_out: tuple[NoVerdict, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def left_out_in_words(self) -> tuple[str, ...]:
        """What was left out, by the reason that they share."""
        groups: dict[str, list[str]] = {}
        for one in self.left_out:
            groups.setdefault(one.reason, []).append(one.id)
        return tuple(f"{', '.join(names)}: {reason}" for reason, names in groups.items())


def survey_of(
    ways: Sequence[Way],
    sources: Mapping[str, str],
    *,
    version: str,
    left_out: Sequence[NoVerdict] = (),
    notes: Sequence[str] = (),
) -> Survey:
    """Compare ways, and gather what else is to be said.

    Args:
        ways: What was measured.
        sources: Where ways come from, and that in words.
        version: Version of pytest-energy that compares.
        left_out: What was asked for and not measured, and why.
        notes: Sentences that a reader must know; those of results are added.
    """
    of_results = (f"{way.result.benchmark.id}: {note}" for way in ways for note in way.result.notes)
    return Survey(
        version=version,
        sources=sources,
        differences=differences(ways),
        contests=contests(ways),
        alone=tuple(f"{way.result.benchmark.id} ({way.source})" for way in alone(ways)),
        left_out=tuple(left_out),
        notes=tuple(dict.fromkeys([*notes, *of_results])),
    )
