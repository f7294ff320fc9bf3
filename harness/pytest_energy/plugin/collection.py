"""Collection: suite files and models on the command line become pytest items, one per benchmark."""

from abc import abstractmethod
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pytest_energy.errors import SuiteError
from pytest_energy.plugin.energy_session import Answer, EnergySession
from pytest_energy.plugin.properties import add_properties
from pytest_energy.plugin.verdicts import require
from pytest_energy.settings import Settings
from pytest_energy.workloads.suite import MODEL_ENDINGS, SUITE_ENDING, SuiteEntry, model_entry, read_suite


class BenchmarkItem(pytest.Item):
    """One benchmark of a suite, or a model that was named by itself.

    Attributes:
        fixturenames: By which ``--benchmark-only`` and ``--benchmark-skip`` of pytest-benchmark know it.
        funcargs: Empty; older versions of pytest-benchmark look for their fixture there.
        answer: The verdict; None before it has run.
    """

    fixturenames = ("benchmark",)
    funcargs: ClassVar[Mapping[str, object]] = {}

    def __init__(self, *, entry: SuiteEntry, energy_session: EnergySession, **kwargs: Any) -> None:
        """Keep what to run and who runs it."""
        super().__init__(**kwargs)
        self.entry = entry
        self.answer: Answer | None = None
        self._energy_session = energy_session
        self.add_marker("energy_benchmark")

    def runtest(self) -> None:
        """Measure, judge, and raise where the verdict fails the build."""
        suite = self.path if isinstance(self.parent, SuiteFile) else None
        self.answer, _ = self._energy_session.run_model(self.entry, self.nodeid, suite)
        add_properties(self, [self.answer])
        require([self.answer], self._energy_session)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where the benchmark is declared; lines count from 0 here."""
        line = None if self.entry.line is None else self.entry.line - 1
        return self.path, line, self.name


class BenchmarkFile(pytest.File):
    """A file that benchmarks come from."""

    def __init__(self, *, energy_session: EnergySession, **kwargs: Any) -> None:
        """Keep who runs the benchmarks."""
        super().__init__(**kwargs)
        self._energy_session = energy_session

    def collect(self) -> Iterator[BenchmarkItem]:
        """Yield one item per benchmark."""
        for entry in self._entries(self._energy_session.settings):
            yield BenchmarkItem.from_parent(
                self, name=entry.benchmark.id, entry=entry, energy_session=self._energy_session
            )

    @abstractmethod
    def _entries(self, settings: Settings) -> Iterable[SuiteEntry]:
        """Return the benchmarks of the file."""


class SuiteFile(BenchmarkFile):
    """A ``*.energy.toml`` file."""

    def _entries(self, settings: Settings) -> Iterable[SuiteEntry]:
        try:
            return read_suite(self.path, settings.providers, settings.default_providers, settings.libraries)
        except SuiteError as error:
            raise self.CollectError(str(error)) from error


class ModelFile(BenchmarkFile):
    """An ``.onnx`` file that was named on the command line or in the settings."""

    def _entries(self, settings: Settings) -> Iterable[SuiteEntry]:
        shown = self.nodeid or self.path.name
        providers = settings.providers or settings.default_providers
        return model_entry(self.path, shown, providers, libraries=settings.libraries)


def collected_file(
    path: Path, parent: pytest.Collector, energy_session: EnergySession, named: Container[Path]
) -> BenchmarkFile | None:
    """Return the collector of a file: suites anywhere, models only when they were named."""
    if path.name.endswith(SUITE_ENDING):
        return SuiteFile.from_parent(parent, path=path, energy_session=energy_session)
    if path.suffix in MODEL_ENDINGS and path.resolve() in named:
        return ModelFile.from_parent(parent, path=path, energy_session=energy_session)
    return None


def refuse_equal_ids(items: Iterable[pytest.Item]) -> None:
    """Refuse two benchmarks with one id: they would share one baseline.

    Raises:
        pytest.UsageError: Two items have the same id.
    """
    owners: dict[str, str] = {}
    for item in items:
        if isinstance(item, BenchmarkItem):
            name = item.entry.benchmark.id
            if name in owners:
                raise pytest.UsageError(
                    f"Two benchmarks have the id {name!r}: {owners[name]} and {item.nodeid}. They would "
                    'share one baseline. Give one of them a name of its own: name = "..." in its suite.'
                )
            owners[name] = item.nodeid
