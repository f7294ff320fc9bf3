"""MLflow: one run per benchmark, its results an artifact, in a local file store."""

import os
import subprocess
import sys
from pathlib import Path

from pytest_energy.errors import HarnessError
from pytest_energy.reports import results_json
from pytest_energy.reports.report import Report

# The file store is no longer developed and asks to be allowed; nothing of a report is for others to know.
_VARIABLES = {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
_TIMEOUT_S = 600


def write(report: Report, folder: Path) -> None:
    """Add one finished run per measured benchmark to the experiment ``pytest-energy`` of a local store.

    Numbers become metrics, texts parameters, the verdict a tag; the artifact ``results.json`` holds all that
    was measured of the benchmark. MLflow works in a process of its own: importing it changes how Python finds
    packages, and it is told by variables what it may do.

    Args:
        report: The run.
        folder: The store, such as ``mlruns``; made where it does not exist.

    Raises:
        HarnessError: MLflow could not write. Runs that were begun are deleted again.
    """
    command = [
        sys.executable,
        "-P",
        "-W",
        "ignore",
        "-m",
        "pytest_energy.reports.exports.mlflow_client",
        str(folder),
    ]
    try:
        subprocess.run(
            command,
            env=_VARIABLES | os.environ,
            input=results_json.render(report),
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise _fault(folder, f"it took longer than {_TIMEOUT_S} s") from error
    except subprocess.CalledProcessError as error:
        raise _fault(
            folder, (error.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        ) from error


def _fault(folder: Path, why: str) -> HarnessError:
    return HarnessError(
        f"The MLflow store {folder} could not be written: {why}. Put that right, or name another folder."
    )
