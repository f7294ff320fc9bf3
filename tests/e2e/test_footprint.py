"""``pytest-energy footprint``: results elsewhere, on other hardware, so many times; nothing is measured."""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.cli.main import main

CNN = Path(__file__).parents[2] / "models/digits-cnn.onnx"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A results file that a real run wrote."""
    folder = tmp_path_factory.mktemp("measured")
    taken, given = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 8]) for name in ("x", "y")
    )
    weights = numpy_helper.from_array(np.eye(8, dtype="float32"), "w")
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "dense", [taken], [given], [weights])
    made = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])
    onnx.save(made, folder / "dense.onnx")
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    options = (
        "--energy",
        "--energy-time",
        "0.4",
        "--energy-profile",
        "github-x64-4vcpu",
        "--energy-json",
        "r.json",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "dense.onnx", *options],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder / "r.json"


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("ELECTRICITY_MAPS_TOKEN", raising=False)


def ask(*arguments):
    """Run the command as its entry point does; return the exit code and what was printed."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["footprint", *map(str, arguments)])
    return code, *(stream.buffer.getvalue().decode() for stream in (out, err))


def rows(results, *arguments):
    code, out, err = ask(results, "--json", *arguments)
    assert code == 0, err
    (benchmark,) = json.loads(out)["benchmarks"]
    return benchmark["rows"]


def test_a_region_changes_grams_by_its_intensity_and_its_building(results):
    measured, ireland, sweden = rows(results, "--region", "aws/eu-west-1", "--region", "aws/eu-north-1")
    assert measured["place"]["name"] == "as measured"
    assert ireland["compute_kwh"] == sweden["compute_kwh"] == measured["compute_kwh"]
    for row, pue in ((ireland, 1.11), (sweden, 1.1)):
        grams = row["compute_kwh"] * pue * row["place"]["intensity"]["g_per_kwh"]
        assert row["operational_g"] == pytest.approx(grams)
    assert sweden["water_l"] == pytest.approx(sweden["compute_kwh"] * 0.12)


def test_requests_and_years_multiply(results):
    (once,) = rows(results, "--requests-per-day", "1", "--years", "1")
    (often,) = rows(results, "--requests-per-day", "2e6", "--years", "3")
    assert often["total_g"] == pytest.approx(once["total_g"] * 6e6)
    assert once["total_low_g"] < once["total_g"] < once["total_high_g"]


def test_another_processor_and_an_accelerator_are_projections(results):
    measured, gitlab, l4 = rows(
        results, "--profile", "gitlab-small-x64", "--profile", "nvidia-l4", "--macs", "1e6", "--bytes", "1e6"
    )
    assert measured["hardware"]["method"] == "modelled"
    assert gitlab["hardware"]["method"].startswith("projected: the same CPU time")
    assert gitlab["compute_kwh"] != measured["compute_kwh"]
    assert l4["hardware"]["least"] is True
    assert l4["hardware"]["duration_s"] == pytest.approx(1e6 / 300e9)
    assert 36 < l4["hardware"]["energy_j"] / l4["hardware"]["duration_s"] <= 72


def test_the_graph_of_the_model_tells_its_operations_and_bytes(results):
    _, l4 = rows(results, "--profile", "nvidia-l4", "--model", results.with_name("dense.onnx"))
    # 64 weights, 8 inputs and 8 outputs of 4 bytes take longer to move than 64 products take to compute.
    assert l4["hardware"]["duration_s"] == pytest.approx((64 + 8 + 8) * 4 / 300e9)


def test_the_results_tell_it_themselves_unless_they_are_of_an_earlier_version(results, tmp_path):
    _, l4 = rows(results, "--profile", "nvidia-l4")  # the model is not where the command is started
    assert l4["hardware"]["duration_s"] == pytest.approx((64 + 8 + 8) * 4 / 300e9)
    document = json.loads(results.read_text())
    del document["benchmarks"][0]["result"]["work"]
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json.dumps(document))
    code, _, err = ask(earlier, "--profile", "nvidia-l4")
    assert code == 2
    assert "is not at dense.onnx. Name its file with --model" in " ".join(err.split())


def test_every_term_is_there_when_it_is_asked_for(results):
    (row,) = rows(results, "--embodied", "server", "--store", "50GB", "--transfer", "20kB:datacentre")
    parts = [row[name] for name in ("operational_g", "embodied_g", "stored_g", "moved_g")]
    assert all(part > 0 for part in parts)
    assert row["total_g"] == pytest.approx(sum(parts))
    (bare,) = rows(results)
    assert [bare[name] for name in ("embodied_g", "stored_g", "moved_g")] == [None] * 3


def test_a_pue_and_an_intensity_of_ones_own(results):
    *_, own = rows(results, "--intensity", "42", "--pue", "uptime")
    assert (own["place"]["intensity"]["g_per_kwh"], own["place"]["pue"]["value"]) == (42, 1.54)


def test_the_answer_reads_well_at_80_columns(results):
    code, out, _ = ask(
        results, "--region", "aws/eu-north-1", "--region", "US-CA", "--profile", "nvidia-l4", "--macs", "1e6",
        "--bytes", "1e6", "--requests-per-day", "2e6", "--embodied", "server", "--store", "2TB:hdd",
    )  # fmt: skip
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    said = " ".join(out.split())
    assert "dense--cpu-b1: 2,000,000 requests a day for 1 year, a step each" in said
    assert "lifecycle carbon intensities, comparable with each other only" in said
    assert "direct carbon intensities, comparable with each other only" in said
    assert ">=" in said
    assert "github-x64-4vcpu modelled, x0.9..x2.5" in said
    assert "nvidia-l4 projected: roofline in float32, a lower bound, x" in said
    assert "PUE 1.1 (aws/eu-north-1 2024)" in said
    assert "seats on a flight London-New York" in said
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--region", "aws/eu-nort-1"), "Did you mean aws/eu-north-1"),
        (("--region", "Atlantis"), "No carbon intensity is known for the region 'Atlantis'"),
        (("--intensity", "0.458"), "looks like kilograms"),
        (("--intensity", "nan"), "--intensity: 'nan' must be a number"),
        (("--intensity", "-1"), "cannot be used"),
        (("--pue", "0.5"), "--pue: 0.5 must be a number from 1 to 10"),
        (("--requests-per-day", "0"), "--requests-per-day: 0 must be above 0"),
        (("--requests-per-day", "many"), "'many' must be a number"),
        (("--years", "-1"), "--years: -1 must be above 0"),
        (("--years", "1e9"), "at most 100"),
        (("--profile", "nvidia-l5"), "Did you mean 'nvidia-"),
        (("--profile", "nvidia-k80"), "The peaks of nvidia-k80 are unknown"),
        (("--profile", "nvidia-l4", "--macs", "3"), "--macs and --bytes go together"),
        (("--profile", "nvidia-l4", "--model", CNN), "is not the model that was measured"),
        (("--profile", "nvidia-l4", "--macs", "1", "--bytes", "-3"), "--bytes: -3 must be above 0"),
        (("--embodied", "toaster"), "No device is named 'toaster'"),
        (("--profile", "generic-cpu", "--embodied", "server"), "e.g. --embodied server,share=4/128"),
        (("--store", "50"), "'50' cannot be read"),
        (("--transfer", "1MB:pigeon"), "internet or datacentre"),
        (("--benchmark", "other"), "holds no benchmark 'other'. It holds: dense--cpu-b1."),
        (("--live", "nobody"), "No live service is named 'nobody'"),
    ],
)
def test_what_cannot_be_computed_is_said_in_a_sentence(results, arguments, said):
    code, out, err = ask(results, *arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert "Traceback" not in err


def holding(benchmarks):
    """A results file that holds these benchmarks, and nothing else."""
    lists = {name: [] for name in ("unchanged", "without_verdict", "orphans", "updates", "notes")}
    words = dict.fromkeys(("environment", "profile", "carbon"), "")
    tool = {"name": "pytest-energy", "version": "0.1.0"}
    return json.dumps({"schema_version": 1, "tool": tool, "benchmarks": benchmarks} | lists | words)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("", "holds no results"),
        ("[1, 2]", "holds no results"),
        ('{"benchmarks": []}', "lacks 'schema_version'"),
        ('{"schema_version": 99, "benchmarks": []}', "schema_version 99"),
        (holding([]), "no benchmark that was measured"),
        (holding([{"result": {"energy": "much"}}]), "holds no results"),
    ],
)
def test_a_file_that_is_no_results_is_refused(tmp_path, text, said):
    path = tmp_path / "file.json"
    if text is not None:
        path.write_text(text)
    code, _, err = ask(path)
    assert code == 2
    assert said in " ".join(err.split())


def test_a_live_service_that_is_not_there_costs_its_row_only(results):
    code, out, err = ask(results, "--live", "electricity-maps:FR")
    assert code == 0
    assert "as measured" in out
    assert "no live intensity, its row is left out: Electricity Maps needs a key" in " ".join(err.split())
