"""Properties: what JUnit XML says of the figures of a test."""

from collections.abc import Iterable, Iterator

import pytest

from pytest_energy.gate.verdict import Unchanged, Verdict

Property = tuple[str, object]


def add_properties(item: pytest.Item, answers: Iterable[Verdict | Unchanged]) -> None:
    """Add figures to what pytest reports of an item; those of each call follow its ``benchmark``."""
    known = {value for name, value in item.user_properties if name == "benchmark"}
    for answer in answers:
        found = list(_properties(answer))
        if found[0][1] not in known:
            item.user_properties.extend(found)


def _properties(answer: Verdict | Unchanged) -> Iterator[Property]:
    if isinstance(answer, Unchanged):
        yield "benchmark", answer.benchmark.id
        yield "verdict", "UNCHANGED"
        return
    yield "benchmark", answer.result.benchmark.id
    yield "verdict", str(answer.kind)
    yield "energy_j", answer.result.energy.energy_j
    yield "carbon_g", answer.result.score.operational_g
    if answer.change is not None:
        yield "change", answer.change.point
