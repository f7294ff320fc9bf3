"""The files that a run was asked to write: results as JSON, the report as Markdown."""

from pytest_energy.baselines.atomic_file import write_atomically
from pytest_energy.errors import HarnessError
from pytest_energy.plugin.outcome import Outcome
from pytest_energy.reports import markdown, results_json
from pytest_energy.settings import Settings


def write_report_files(outcome: Outcome, settings: Settings) -> Outcome:
    """Write what was asked for. A file that cannot be written becomes a fault; the other is still written."""
    for path, render in ((settings.json, results_json.render), (settings.markdown, markdown.render)):
        if path is not None:
            try:
                write_atomically(path, render(outcome.report))
            except HarnessError as error:
                outcome = outcome.with_fault(str(error))
    return outcome
