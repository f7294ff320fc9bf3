"""What continuous integration reads beside the report: annotations at lines, and properties in JUnit XML."""

import xml.etree.ElementTree as ET

import pytest

SUITE = """\
[[benchmark]]
model = "small.onnx"

[[benchmark]]
name = "dear"
model = "small.onnx"
budget = "1 nJ"
"""


def commands(ran):
    return [line for line in ran.stdout.lines if line.startswith("::")]


@pytest.fixture
def on_github(project, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.folder))
    project.model("models/small.onnx")
    project.write("models/all.energy.toml", SUITE)
    return project


def test_what_fails_is_annotated_at_its_line_of_the_suite(on_github):
    ran = on_github.energy("models/all.energy.toml")
    assert ran.ret == 1
    (line,) = commands(ran)
    assert line.startswith(
        "::error file=models/all.energy.toml,line=4,title=dear--cpu-b1 REGRESSED::energy per step "
    )
    assert "%0A" in line


def test_a_test_is_annotated_where_it_is_written(on_github):
    on_github.write(
        "test_it.py", "\n\ndef test_small(energy):\n    energy.infer('models/small.onnx', budget='1 nJ')\n"
    )
    (line,) = commands(on_github.energy("test_it.py"))
    assert line.startswith("::error file=test_it.py,line=3,title=test_small--cpu-b1 REGRESSED::")


def test_a_benchmark_without_a_verdict_is_annotated(on_github):
    on_github.write("models/small.onnx", "no model")
    lines = commands(on_github.energy("models/all.energy.toml"))
    assert len(lines) == 2
    assert all("no verdict::" in line for line in lines)


def test_elsewhere_nothing_is_annotated(project):
    project.model()
    project.write("all.energy.toml", SUITE)
    assert commands(project.energy("all.energy.toml")) == []


def test_junit_has_figures_and_verdicts_as_properties(project):
    project.model()
    project.write("all.energy.toml", SUITE)
    project.write(
        "test_it.py",
        "def test_two(energy):\n    for name in 'ab':\n        energy.infer('small.onnx', name=name)\n",
    )
    project.energy("all.energy.toml", "test_it.py", "--junitxml", "junit.xml")
    cases = ET.parse(project.folder / "junit.xml").getroot().iter("testcase")  # noqa: S314 - written a moment ago
    found = {
        case.get("name"): [(each.get("name"), each.get("value")) for each in case.iter("property")]
        for case in cases
    }
    small = dict(found["small--cpu-b1"])
    assert small["verdict"] == "NEW"
    assert 0 < float(small["energy_j"]) < 1
    assert 0 < float(small["carbon_g"]) < 1
    assert "change" not in small
    assert dict(found["dear--cpu-b1"])["verdict"] == "REGRESSED"
    assert [value for name, value in found["test_two"] if name == "benchmark"] == ["a--cpu-b1", "b--cpu-b1"]
