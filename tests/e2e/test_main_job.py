"""The main job: measure, record, compare, pass."""

import json
from importlib import resources

from jsonschema import Draft202012Validator


def test_a_model_needs_no_configuration(project):
    project.model()
    ran = project.energy("small.onnx")
    assert ran.ret == 0
    assert "small--cpu-b1" in project.said(ran)
    assert "1 benchmark: 1 NEW" in project.said(ran)
    assert "record one with --energy-update" in project.said(ran)
    assert "no region given" in project.said(ran)


def test_a_recorded_benchmark_passes_and_its_row_says_what_was_asked(project):
    project.model()
    project.record("small.onnx")
    ran = project.energy("small.onnx")
    assert ran.ret == 0
    ran.stdout.fnmatch_lines(["benchmark*latency*energy/step*gCO2e/1k steps*change*verdict"])
    ran.stdout.re_match_lines(
        [r"small--cpu-b1 +[\d.]+ [mu]s +[\d.]+±[\d.]+ [mu]J +[\d.]+ [mnu]g +[+-][\d.]+ % .*PASSED"]
    )
    ran.stdout.fnmatch_lines(["1 benchmark: 1 passed"])


def test_recording_again_leaves_every_file_byte_for_byte(project):
    project.model()
    project.record("small.onnx")
    before = project.contents()
    stamps = {path: path.stat().st_mtime_ns for path in project.baselines().values()}
    ran = project.energy("--energy-update", "small.onnx")
    assert ran.ret == 0
    assert "left as it was" in project.said(ran)
    assert project.contents() == before
    assert {path: path.stat().st_mtime_ns for path in project.baselines().values()} == stamps


def test_a_baseline_is_a_small_readable_file(project):
    project.model()
    (path,) = project.record("small.onnx").values()
    text = path.read_text(encoding="utf-8")
    baseline = json.loads(text)
    assert len(text) < 8_000
    assert max(len(line) for line in text.splitlines()) < 200
    assert len(baseline["processes"]) == 16
    assert baseline["provenance"]["commit"] is None
    assert path.name == "small--cpu-b1.json"


def test_a_suite_is_collected_from_its_folder(project):
    project.model("models/small.onnx")
    project.write(
        "models/all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\nbatch = [1, 4]\nname = "tiny"\n'
    )
    ran = project.energy("models", "-v")
    assert ran.ret == 0
    ran.stdout.fnmatch_lines(
        ["models/all.energy.toml::tiny--cpu-b1 PASSED*", "models/all.energy.toml::tiny--cpu-b4 PASSED*"]
    )


def test_one_benchmark_of_a_suite_can_be_named(project):
    project.model()
    project.write("all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\nbatch = [1, 4]\n')
    ran = project.energy("all.energy.toml::small--cpu-b4")
    assert ran.ret == 0
    assert "1 benchmark: 1 NEW" in project.said(ran)


def test_the_settings_name_models_for_a_run_without_paths(project):
    project.model("nets/a.onnx")
    project.model("nets/b.onnx", width=32)
    project.write(
        "pyproject.toml", '[tool.pytest.ini_options]\n[tool.pytest-energy]\nmodels = ["nets/*.onnx"]\n'
    )
    assert "2 benchmarks: 2 NEW" in project.said(project.energy())


def test_models_that_the_settings_name_must_exist(project):
    project.write(
        "pyproject.toml", '[tool.pytest.ini_options]\n[tool.pytest-energy]\nmodels = ["nets/*.onnx"]\n'
    )
    ran = project.energy()
    assert ran.ret == 4
    assert "'nets/*.onnx' matches no file" in ran.stderr.str()


def test_the_results_hold_everything_and_fit_their_schema(project):
    project.model()
    project.record("small.onnx")
    project.energy("small.onnx", "--energy-json", "out/results.json")
    document = project.results(project.folder / "out/results.json")
    schema = json.loads(resources.files("pytest_energy.reports").joinpath("results.schema.json").read_text())
    Draft202012Validator(schema).validate(document)
    (benchmark,) = document["benchmarks"]
    assert benchmark["verdict"] == "PASSED"
    assert len(benchmark["result"]["samples"]) == 4
    assert all(len(each["step_cpu_s"]) >= 3 for each in benchmark["result"]["samples"])
    assert benchmark["baseline"]["processes"]


def test_the_markdown_report_begins_with_the_count_of_verdicts(project):
    project.model()
    project.energy("small.onnx", "--energy-markdown", "report.md")
    text = (project.folder / "report.md").read_text(encoding="utf-8")
    assert text.startswith("## Energy of 1 benchmark: 1 NEW\n")
    assert "| benchmark | latency | energy per step |" in text


def test_quiet_prints_the_count_and_verbose_the_evidence(project):
    project.model()
    quiet = project.energy("small.onnx", "-q")
    assert "gCO2e" not in quiet.stdout.str()
    assert "1 benchmark: 1 NEW" in project.said(quiet)
    verbose = project.energy("small.onnx", "-v")
    assert "placement: CPUExecutionProvider 3 of 3 nodes" in project.said(verbose)
    assert "cost of each process" in project.said(verbose)
