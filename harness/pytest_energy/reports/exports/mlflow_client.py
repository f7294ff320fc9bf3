"""The client of MLflow, run as a module in a process of its own: a folder, and results on standard input."""

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_energy.gate.verdict import Verdict
from pytest_energy.reports import results_json
from pytest_energy.reports.exports.entry import Entry, entries
from pytest_energy.reports.report import Report

EXPERIMENT = "pytest-energy"
"""Name of the experiment that runs are added to."""

_LONGEST = 500  # characters of a parameter that every MLflow accepts


def add_runs(report: Report, folder: Path) -> None:
    """Add one finished run per measured benchmark; what was begun is deleted again where one fails."""
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - an extra

    client = MlflowClient(tracking_uri=folder.resolve().as_uri())
    found = client.get_experiment_by_name(EXPERIMENT)
    experiment = client.create_experiment(EXPERIMENT) if found is None else found.experiment_id
    _add_runs(client, experiment, report)


def _add_runs(client: Any, experiment: str, report: Report) -> None:
    begun: list[str] = []
    try:
        for verdict, entry in zip(report.verdicts, entries(report), strict=True):
            begun.append(_begin(client, experiment, report, verdict))
            _fill(client, begun[-1], entry)
            one = replace(report, verdicts=(verdict,), unchanged=(), without=(), orphans=(), updates=())
            client.log_text(begun[-1], results_json.render(one), "results.json")
        for run in begun:
            client.set_terminated(run, "FINISHED", end_time=_milliseconds(report))
    except BaseException:
        for run in begun:
            client.delete_run(run)
        raise


def _begin(client: Any, experiment: str, report: Report, verdict: Verdict) -> str:
    tags = {
        "verdict": str(verdict.kind),
        "environment": report.environment,
        "pytest-energy": report.version,
        "mlflow.source.git.commit": report.commit or "",
    }
    run = client.create_run(
        experiment, start_time=_milliseconds(report), tags=tags, run_name=verdict.result.benchmark.id
    )
    return str(run.info.run_id)


def _fill(client: Any, run: str, entry: Entry) -> None:
    from mlflow.entities import Metric, Param  # noqa: PLC0415 - an extra

    known = {name: cell for name, cell in entry.items() if cell is not None}
    texts = {name: cell for name, cell in known.items() if isinstance(cell, str)}
    numbers = {name: float(cell) for name, cell in known.items() if not isinstance(cell, str)}
    client.log_batch(
        run,
        metrics=[Metric(name, number, 0, 0) for name, number in numbers.items()],
        params=[Param(name, text[:_LONGEST]) for name, text in texts.items()],
    )


def _milliseconds(report: Report) -> int | None:
    """When the run ended, since 1970; None leaves it to MLflow."""
    return None if report.time is None else int(datetime.fromisoformat(report.time).timestamp() * 1000)


if __name__ == "__main__":
    add_runs(results_json.parse(sys.stdin.read(), "standard input"), Path(sys.argv[1]))
