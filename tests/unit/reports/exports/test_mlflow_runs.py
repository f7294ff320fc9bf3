import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec

import pytest

from pytest_energy.errors import HarnessError
from pytest_energy.reports import results_json
from pytest_energy.reports.exports import mlflow_runs

pytestmark = pytest.mark.skipif(find_spec("mlflow") is None, reason="no mlflow here")

# Reads a store as a user of MLflow does, in a process of its own: its import would change this one.
READ = """
import json, sys
from mlflow.tracking import MlflowClient
client = MlflowClient(tracking_uri=sys.argv[1])
experiment = client.get_experiment_by_name("pytest-energy")
runs = client.search_runs([experiment.experiment_id])
print(json.dumps([
    {
        "name": run.info.run_name,
        "status": run.info.status,
        "metrics": run.data.metrics,
        "params": run.data.params,
        "tags": run.data.tags,
        "results": open(client.download_artifacts(run.info.run_id, "results.json")).read(),
    }
    for run in runs
]))
"""


def runs_in(folder):
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, folder.as_uri()],
        env=os.environ | {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    return {run["name"]: run for run in json.loads(ran.stdout.splitlines()[-1])}


def test_mlflow_reads_runs_metrics_parameters_and_the_artifact(report, tmp_path):
    folder = tmp_path / "mlruns"
    mlflow_runs.write(replace(report, time="2026-05-04T10:11:12Z", commit="1a2b3c4"), folder)
    runs = runs_in(folder)
    assert set(runs) == {each.result.benchmark.id for each in report.verdicts}
    run, verdict = runs["digits-cnn--cpu-b1"], report.verdicts[0]
    assert run["status"] == "FINISHED"
    assert run["metrics"]["energy_j"] == verdict.result.energy.energy_j
    assert run["metrics"]["change"] == verdict.change.point
    assert run["params"]["provider"] == "cpu"
    assert run["tags"]["verdict"] == "REGRESSED"
    assert run["tags"]["mlflow.source.git.commit"] == "1a2b3c4"
    assert results_json.parse(run["results"], "results.json").verdicts == (verdict,)


def test_a_second_report_adds_runs_to_the_same_experiment(empty, verdict, tmp_path):
    mlflow_runs.write(empty(verdicts=(verdict("one"),)), tmp_path / "mlruns")
    mlflow_runs.write(empty(verdicts=(verdict("two"),)), tmp_path / "mlruns")
    assert set(runs_in(tmp_path / "mlruns")) == {"one--cpu-b1", "two--cpu-b1"}


def test_a_store_that_cannot_be_written_is_told(report, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HarnessError, match=r"The MLflow store .* could not be written: .*Not a directory"):
        mlflow_runs.write(report, tmp_path / "file" / "mlruns")


def test_this_process_is_left_as_it_was(empty, verdict, tmp_path):
    before = dict(os.environ), list(sys.meta_path)
    mlflow_runs.write(empty(verdicts=(verdict(),)), tmp_path / "mlruns")
    assert (dict(os.environ), list(sys.meta_path)) == before
    assert "mlflow" not in sys.modules
