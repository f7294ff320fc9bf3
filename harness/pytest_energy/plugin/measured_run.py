"""A measured run: the plugin that is registered once ``--energy`` is given."""

import os
from collections.abc import Generator, Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_energy.baselines.store import BaselineStore
from pytest_energy.errors import HarnessError, ProviderUnavailable, Regression
from pytest_energy.options import OPTIONS
from pytest_energy.plugin.annotations import commands, places_of
from pytest_energy.plugin.answer import Answer
from pytest_energy.plugin.collection import BenchmarkFile, BenchmarkItem, collected_file, refuse_equal_ids
from pytest_energy.plugin.energy_session import Answer as Answered
from pytest_energy.plugin.energy_session import EnergySession, benchmark_of
from pytest_energy.plugin.hooks import is_energy_test
from pytest_energy.plugin.outcome import Coverage, Outcome, conclude
from pytest_energy.plugin.progress import Progress
from pytest_energy.plugin.project import overlooked, project_folder, require_models, shown_from
from pytest_energy.plugin.properties import add_properties
from pytest_energy.plugin.stash import BENCHMARK_ANSWERS, ENERGY_OF_ITEM, ENERGY_SESSION
from pytest_energy.plugin.verdicts import require
from pytest_energy.report_files import Written, require_writers, write_report_files
from pytest_energy.reports import terminal
from pytest_energy.settings import Settings, read_project, read_settings
from pytest_energy.terms import conditions_of, models_of
from pytest_energy.workloads.revision import open_revision

if TYPE_CHECKING:
    from pytest_energy.plugin.benchmark_tests import BenchmarkTests

_MARKS = "\N{PLUS-MINUS SIGN}\N{BOX DRAWINGS LIGHT HORIZONTAL}"
"""What the table holds beyond ASCII."""

_NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf")
"""Options of pytest that leave a part of the suite out."""


def start(config: pytest.Config) -> None:
    """Build the session from the settings and register it.

    Raises:
        pytest.UsageError: A setting cannot be used, or the run is distributed over processes, or measured by
            CodSpeed.
    """
    _refuse_distribution(config)
    _refuse_codspeed(config)
    try:
        root = project_folder(config)
        settings = read_settings(_flags(config), read_project(root), root, config.invocation_params.dir)
        require_models(config)
        require_writers(settings)
        _add_models(config, settings)
        conditions = conditions_of(settings, os.environ)
        store = BaselineStore(settings.baselines)
        if settings.update and not config.getoption("collectonly"):
            store.require_writable()
        revision = open_revision(config.rootpath, settings.against) if settings.against else None
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    progress = Progress(config)
    if revision is not None:
        config.add_cleanup(revision.close)
    energy_session = EnergySession(settings, conditions, store, progress.say, revision)
    config.stash[ENERGY_SESSION] = energy_session
    benchmark_tests = _benchmark_tests(config, energy_session)
    run = MeasuredRun(config, energy_session, progress, benchmark_tests)
    config.pluginmanager.register(run, "pytest_energy_run")


class MeasuredRun:
    """Pytest's hooks of a run that measures."""

    def __init__(
        self,
        config: pytest.Config,
        energy_session: EnergySession,
        progress: Progress,
        benchmark_tests: "BenchmarkTests | None" = None,
    ) -> None:
        """Remember the session that measures, and what there is of pytest-benchmark."""
        self._config = config
        self._benchmark_tests = benchmark_tests
        self._session = energy_session
        self._progress = progress
        self._coverage = Coverage()
        # Pytest forgets a named file where a folder around it is named too.
        self._named = frozenset(_paths(config))
        self._outcome: Outcome | None = None
        self._written = Written()
        self._here = config.invocation_params.dir
        self._folders: set[Path] = set()
        self._places = places_of(os.environ)

    def pytest_report_header(self) -> list[str]:
        """Say what figures are computed with."""
        conditions = self._session.conditions
        return [
            f"energy: {conditions.profile_in_words}; {conditions.carbon_in_words}",
            f"energy: environment {conditions.machine.environment.id}",
            f"energy: compared with {self._compared_with()}",
        ]

    def _compared_with(self) -> str:
        if self._session.revision is not None:
            return self._session.revision.shown
        return f"baselines in {shown_from(self._here, self._session.store.folder)}"

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> BenchmarkFile | None:
        """Collect suites, and models that were named."""
        return collected_file(file_path, parent, self._session, self._named)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """See that no two benchmarks share a baseline, before anything is deselected."""
        refuse_equal_ids(items)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Remember that this is not the whole suite."""
        self._coverage.narrowed |= bool(list(items))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which items owe a verdict."""
        for item in session.items:
            if self._owes_verdict(item):
                self._coverage.expect(item.nodeid)
                self._folders.add(item.path.parent)
                if self._places is not None:
                    self._places.add(item)
        self._progress.expect(len(self._coverage.reasons), self._session.settings.time_for(None))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge what a test measured after its body, and turn a missing provider into a skip."""
        if item.nodeid in self._coverage.reasons:
            self._progress.begin()
        try:
            answer = yield
            answers = _answers(item)
            add_properties(item, answers)
            require(answers, self._session)
        except ProviderUnavailable as error:
            if self._session.settings.strict:
                raise
            pytest.skip(str(error))
        finally:
            self._progress.end()
            self._show_to_benchmark(item)
        return answer

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Show answers and the user's own faults as text: no traceback tells more."""
        report = yield
        if call.excinfo is not None and isinstance(call.excinfo.value, HarnessError | Regression):
            report.longrepr = Answer(str(call.excinfo.value))  # type: ignore[assignment]  # duck-typed by pytest
        return report

    def _owes_verdict(self, item: pytest.Item) -> bool:
        """Whether an item is to be measured: pytest-benchmark may have been told to leave it out."""
        ours = isinstance(item, BenchmarkItem) or is_energy_test(item)
        if self._benchmark_tests is None:
            return ours
        if self._benchmark_tests.skips(item):
            self._coverage.narrowed = True
            return False
        return ours or self._benchmark_tests.owes_verdict(item)

    def _show_to_benchmark(self, item: pytest.Item) -> None:
        if self._benchmark_tests is None:
            return
        if isinstance(item, BenchmarkItem) and item.answer is not None:
            self._benchmark_tests.show(item.answer, item.nodeid)
        elif ENERGY_OF_ITEM in item.stash:
            for each in item.stash[ENERGY_OF_ITEM].answers:
                self._benchmark_tests.show(each, f"{item.nodeid}::{benchmark_of(each).id}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember why an item may have no verdict."""
        self._coverage.saw(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Draw the conclusion, write the files that were asked for, and set the exit code."""
        if self._config.getoption("collectonly"):
            return
        concluded = conclude(self._session, self._coverage, exitstatus, whole=self._is_whole_suite())
        if concluded.report.all_new and (
            note := overlooked(self._session.settings, self._folders, self._here)
        ):
            concluded = concluded.with_note(note)
        self._written = write_report_files(concluded.report, self._session.settings)
        self._outcome = reduce(Outcome.with_fault, self._written.faults, concluded)
        session.exitstatus = self._outcome.exit_code

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the table and what explains it."""
        if self._outcome is None or self._outcome.is_silent:
            return
        writer = self._config.get_terminal_writer()
        terminalreporter.write_sep("=", "energy")
        text = terminal.render(
            self._outcome.report,
            width=writer.fullwidth,
            colour=writer.hasmarkup,
            unicode=_can_encode(writer, _MARKS),
            verbosity=self._config.get_verbosity(),
        )
        terminalreporter.write(text)
        if self._written.paths:
            shown = ", ".join(map(self._session.shown_path, self._written.paths))
            terminalreporter.write_line(f"written: {shown}")
        for line in self._outcome.faults:
            terminalreporter.write_line(line, red=True)
        if self._places is not None:
            for line in commands(self._outcome.report, self._session, self._places):
                terminalreporter.write_line(line)

    def _is_whole_suite(self) -> bool:
        """Whether nothing narrowed the run, so that a baseline without a benchmark is an orphan."""
        config = self._config
        if self._coverage.narrowed or self._session.settings.providers:
            return False
        if any(config.getoption(name, None) for name in _NARROWING):
            return False
        return config.args_source is not config.ArgsSource.ARGS or config.rootpath.resolve() in self._named


def _benchmark_tests(config: pytest.Config, energy_session: EnergySession) -> "BenchmarkTests | None":
    """Register what measures the tests of pytest-benchmark; None where that is not active."""
    if not config.pluginmanager.hasplugin("benchmark"):
        return None
    from pytest_energy.plugin.benchmark_tests import BenchmarkTests

    benchmark_tests = BenchmarkTests(config, energy_session)
    config.pluginmanager.register(benchmark_tests, "pytest_energy_benchmark_tests")
    return benchmark_tests


def _answers(item: pytest.Item) -> list[Answered]:
    """Return the verdicts on what a test measured by fixtures."""
    energy = item.stash.get(ENERGY_OF_ITEM, None)
    return [*(energy.answers if energy else ()), *item.stash.get(BENCHMARK_ANSWERS, ())]


def _refuse_distribution(config: pytest.Config) -> None:
    if config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
        raise pytest.UsageError(
            "--energy under pytest-xdist: energy is measured in one process at a time: add -n0."
        )


def _refuse_codspeed(config: pytest.Config) -> None:
    """Refuse a run that CodSpeed measures: it leaves tests out, and instruments the others."""
    by_variable = config.pluginmanager.hasplugin("codspeed") and "CODSPEED_ENV" in os.environ
    if by_variable or config.getoption("codspeed", default=False):
        cause = "CODSPEED_ENV is set" if by_variable else "--codspeed is given"
        raise pytest.UsageError(
            f"--energy under pytest-codspeed: {cause}, and two tools that measure one run would measure each "
            "other. Run pytest twice, once for each; pytest-codspeed may stay installed."
        )


def _flags(config: pytest.Config) -> dict[str, object]:
    given = {option.name: config.getoption(option.dest) for option in OPTIONS if option.on_command_line}
    return {name: value for name, value in given.items() if value is not None}


def _add_models(config: pytest.Config, settings: Settings) -> None:
    """Add the models of the settings to what is collected, unless the command line says what to collect.

    Raises:
        SettingsError: A pattern matches nothing: a gate that measures nothing must not stay green.
    """
    if config.args_source is config.ArgsSource.ARGS:
        return
    config.args.extend(str(path) for path in models_of(settings))


def _paths(config: pytest.Config) -> Iterator[Path]:
    """Yield what the command line, or else the settings, name to be collected."""
    for argument in config.args:
        yield (config.invocation_params.dir / argument.partition("::")[0]).resolve()


def _can_encode(writer: object, text: str) -> bool:
    encoding = getattr(getattr(writer, "_file", None), "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
