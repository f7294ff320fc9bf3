"""Options that no other end-to-end test is about: each does what its help says."""

import json
import tomllib
from importlib import resources

import pytest


@pytest.fixture
def measured(project):
    """Measure with options, and return the one benchmark of the results."""
    project.model()

    def measure(*options, returns=0):
        ran = project.energy("small.onnx", "--energy-json", "results.json", *options)
        assert ran.ret == returns, ran.stdout.str() + ran.stderr.str()
        (benchmark,) = project.results(project.folder / "results.json")["benchmarks"]
        return benchmark

    return measure


def test_baselines_lie_in_the_folder_that_is_named(project):
    project.model()
    assert project.energy("--energy-update", "--energy-baselines", "kept/here", "small.onnx").ret == 0
    (path,) = project.folder.glob("kept/here/*/small--cpu-b1.json")
    assert json.loads(path.read_text())["benchmark"]["name"] == "small"


def test_the_tolerance_of_a_flag_beats_that_of_a_suite(project):
    project.model()
    project.write("all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\ntolerance = "7%"\n')
    project.pytest("--energy", "all.energy.toml", "--energy-json", "suite.json", "--energy-time", "0.4")
    project.energy("all.energy.toml", "--energy-json", "flag.json")
    tolerances = [
        project.results(project.folder / name)["benchmarks"][0]["tolerance"]
        for name in ("suite.json", "flag.json")
    ]
    assert tolerances == pytest.approx([0.07, 3.0])


def test_grams_follow_from_a_region(measured):
    score = measured("--energy-region", "FR")["result"]["score"]
    assert score["intensity"]["code"] == "FR"
    assert 10 < score["intensity"]["g_per_kwh"] < 100


def test_an_intensity_beats_a_region(measured):
    result = measured("--energy-region", "FR", "--energy-intensity", "100")["result"]
    assert result["score"]["intensity"]["g_per_kwh"] == 100
    assert result["score"]["operational_g"] == pytest.approx(result["energy"]["energy_j"] / 3.6e6 * 100)


def test_a_pue_multiplies_grams(measured):
    result = measured("--energy-pue", "1.5", "--energy-intensity", "100")["result"]
    assert result["score"]["operational_g"] == pytest.approx(result["energy"]["energy_j"] / 3.6e6 * 150)


def test_a_pue_is_that_of_an_operator_and_a_region_may_be_a_clouds(measured):
    result = measured("--energy-pue", "aws/eu-west-1", "--energy-region", "aws/eu-west-1")["result"]
    score = result["score"]
    assert (score["pue"], score["intensity"]["code"]) == (1.11, "aws/eu-west-1")
    grams = result["energy"]["energy_j"] / 3.6e6 * 1.11 * score["intensity"]["g_per_kwh"]
    assert score["operational_g"] == pytest.approx(grams)


def test_making_the_machine_is_counted_beside_and_judged_by_nothing(project, measured):
    project.record("small.onnx")
    benchmark = measured("--energy-embodied", "1200kg,share=1", "--energy-profile", "github-x64-4vcpu")
    result = benchmark["result"]
    duration_s = result["processes"][0]["duration_s"]
    assert result["score"]["embodied_g"] == pytest.approx(1.2e6 * duration_s / (4 * 365.25 * 86_400), rel=0.5)
    assert result["score"]["embodied"]["lifetime_years"] == 4
    assert benchmark["verdict"] == "PASSED"


def test_a_profile_is_chosen_by_name(measured):
    result = measured("--energy-profile", "github-x64-4vcpu")["result"]
    assert result["pins"]["profile"] == "github-x64-4vcpu"
    assert "guess" not in " ".join(result["notes"])


def test_a_profile_is_a_file_of_the_users(project, measured):
    shipped = resources.files("pytest_energy.power").joinpath("profiles/generic-cpu.toml").read_text()
    assert tomllib.loads(shipped)["id"] == "generic-cpu"
    project.write("mine.toml", shipped.replace('id = "generic-cpu"', 'id = "mine"'))
    assert measured("--energy-profile", "mine.toml")["result"]["pins"]["profile"] == "mine"


def test_the_pins_of_a_baseline_hold_whatever_the_grid_is_now(project, measured):
    project.record("small.onnx", "--energy-intensity", "1")
    benchmark = measured("--energy-intensity", "2000")
    assert benchmark["verdict"] == "PASSED"
    assert benchmark["baseline"]["pins"]["intensity"]["g_per_kwh"] == 1


def test_more_time_gives_more_rounds(measured):
    def rounds(benchmark):
        return sum(len(process["step_cpu_s"]) for process in benchmark["result"]["samples"])

    assert rounds(measured("--energy-time", "4")) > rounds(measured("--energy-time", "0.1"))


def test_a_setting_of_the_project_holds_without_a_flag(project):
    project.model()
    project.write(
        "pyproject.toml",
        '[tool.pytest.ini_options]\n[tool.pytest-energy]\nregion = "SE"\ntime = 0.4\njson = "out.json"\n',
    )
    assert project.pytest("--energy", "small.onnx").ret == 0
    (benchmark,) = project.results(project.folder / "out.json")["benchmarks"]
    assert benchmark["result"]["score"]["intensity"]["code"] == "SE"


def test_a_plugin_library_is_a_provider_by_its_name(project):
    project.model()
    project.write("no-plugin.so", "this is no library")
    ran = project.energy(
        "small.onnx", "--energy-ep-library", "my-npu=no-plugin.so", "--energy-provider", "my-npu"
    )
    assert ran.ret == 1
    said = project.said(ran)
    assert "small--my-npu-b1: skipped: The plugin library" in said
    assert "cannot be used by ONNX Runtime" in said


def test_session_options_of_a_suite_arrive_at_the_session(project):
    project.model()
    project.write(
        "all.energy.toml",
        '[[benchmark]]\nmodel = "small.onnx"\noptimization = "disabled"\nmemory_pattern = false\n'
        '[benchmark.session]\n"session.set_denormal_as_zero" = true\n',
    )
    assert project.energy("all.energy.toml", "--energy-json", "results.json").ret == 0
    (benchmark,) = project.results(project.folder / "results.json")["benchmarks"]
    factors = benchmark["result"]["factors"]
    assert (factors["graph_optimization"], factors["memory_pattern"]) == ("disabled", False)
    assert factors["session"] == {"session.set_denormal_as_zero": "1"}


def test_threads_may_be_several_and_may_spin(project):
    project.model()
    project.write(
        "all.energy.toml",
        '[[benchmark]]\nmodel = "small.onnx"\nthreads = 2\n'
        '[[benchmark]]\nmodel = "small.onnx"\nthreads = 2\nspinning = true\n',
    )
    ran = project.energy("all.energy.toml", "--energy-json", "results.json")
    assert ran.ret == 0
    benchmarks = project.results(project.folder / "results.json")["benchmarks"]
    assert [one["id"] for one in benchmarks] == ["small--cpu-b1-t2", "small--cpu-b1-t2-spin"]
    assert [one["result"]["factors"]["spinning"] for one in benchmarks] == [False, True]
