"""The answer of ``pytest-energy report``: a results file is read back and written in other formats."""

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_energy.cli.measuring_options import settings_of
from pytest_energy.cli.results_file import read_report
from pytest_energy.cli.screen import complain, look_of
from pytest_energy.errors import UsageError
from pytest_energy.report_files import require_writers, write_files
from pytest_energy.reports import terminal
from pytest_energy.reports.report import Report


def run(arguments: argparse.Namespace) -> int:
    """Write what was asked for, or print the report.

    Returns:
        The exit code: 1 if a file could not be written. Verdicts do not count: they were told when they fell.

    Raises:
        UsageError: The results cannot be read, or what is asked for cannot be made.
    """
    folder = Path.cwd()
    settings = settings_of(arguments, folder)
    require_writers(settings)
    if settings.history is not None and not settings.history.is_file():
        raise UsageError(
            f"There is no history {settings.history}. Name a file that --energy-history appended to."
        )
    with _uncollected():
        report = read_report(folder / arguments.results)
        if not (settings.html or settings.markdown or settings.exports):
            _print(report, verbosity=int(arguments.verbose))
            return 0
        faults = write_files(report, settings).faults
    for fault in faults:
        complain(fault)
    return int(bool(faults))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking again and again through what was read: none of it is garbage.

    Of a thousand benchmarks that is a quarter of the work.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _print(report: Report, *, verbosity: int) -> None:
    sys.stdout.write(terminal.render(report, **look_of(sys.stdout, os.environ), verbosity=verbosity))
