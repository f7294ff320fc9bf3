"""Annotations: what GitHub Actions shows of a run at the lines where its benchmarks are declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pytest

from pytest_energy.gate.verdict import Kind, Verdict
from pytest_energy.plugin.energy_session import EnergySession
from pytest_energy.reports.annotation import MOST, Annotation, command
from pytest_energy.reports.failure import by_how_much
from pytest_energy.reports.report import Report


@dataclass(slots=True, kw_only=True)
class Places:
    """Where benchmarks and tests are declared.

    Attributes:
        root: The repository, which paths are relative to.
        lines: By node id, a file and its line, from 1; None where a whole file is meant.
    """

    root: Path
    lines: dict[str, tuple[Path, int | None]] = field(default_factory=dict)

    def add(self, item: pytest.Item) -> None:
        """Remember an item."""
        path, line, _ = item.reportinfo()
        self.lines[item.nodeid] = Path(path), None if line is None else line + 1

    def find(self, nodeid: str | None) -> tuple[str | None, int | None]:
        """Return the file, relative to the repository, and the line of an item; None if it is elsewhere."""
        path, line = self.lines.get(nodeid or "", (None, None))
        if path is None or not path.is_relative_to(self.root):
            return None, None
        return path.relative_to(self.root).as_posix(), line


def places_of(variables: Mapping[str, str]) -> Places | None:
    """Return where to remember places; None outside of GitHub Actions."""
    if variables.get("GITHUB_ACTIONS") != "true":
        return None
    return Places(root=Path(variables.get("GITHUB_WORKSPACE") or Path.cwd()).resolve())


def commands(report: Report, energy_session: EnergySession, places: Places) -> Iterator[str]:
    """Yield a command per benchmark that fails or got no verdict, then per regression that does not fail."""
    for level in ("error", "warning"):
        found = (each for each in _annotations(report, energy_session, places) if each.level == level)
        yield from map(command, islice(found, MOST))


def _annotations(report: Report, energy_session: EnergySession, places: Places) -> Iterator[Annotation]:
    for verdict in report.verdicts:
        if verdict.fails or verdict.kind is Kind.REGRESSED:
            path, line = places.find(energy_session.nodeid_of(verdict.result.benchmark.id))
            yield Annotation(
                level="error" if verdict.fails else "warning",
                path=path,
                line=line,
                title=f"{verdict.result.benchmark.id} {verdict.kind}",
                message=_message(verdict),
            )
    for one in report.without:
        path, line = places.find(one.id)
        yield Annotation(
            level="error", path=path, line=line, title=f"{one.id}: no verdict", message=one.reason
        )


def _message(verdict: Verdict) -> str:
    return "\n".join((by_how_much(verdict), *verdict.reasons, *verdict.operators))
