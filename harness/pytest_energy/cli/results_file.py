"""A results file that is named on the command line: read, and refused with what to do."""

from pathlib import Path

from pytest_energy.errors import UsageError
from pytest_energy.reports import results_json
from pytest_energy.reports.report import Report


def read_report(path: Path) -> Report:
    """Read what ``--energy-json`` wrote.

    Raises:
        UsageError: The file cannot be read, or holds no results that this version reads.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise UsageError(f"{path} cannot be read: {why}. Name a file that --energy-json wrote.") from error
    return results_json.parse(text, str(path))
