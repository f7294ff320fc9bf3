"""Names of models, inputs and benchmarks may hold anything: ids are safe, and so is all that is printed."""

import json
import re

import onnx
import pytest
from onnx import TensorProto, helper

LONG = json.dumps({"layer": "x" * 75, "of": "y" * 50})
FILES = ("two words.onnx", "c:olon|pipe`.onnx", "esc\x1b[31mred.onnx", "##[error]no.onnx", "two\nlines.onnx")


def model(path, name="x", size=(1, 4)):
    taken = helper.make_tensor_value_info(name, TensorProto.FLOAT, size)
    given = helper.make_tensor_value_info("y/out:0 \x1b[2J", TensorProto.FLOAT, size)
    graph = helper.make_graph([helper.make_node("Sin", [name], [given.name])], LONG, [taken], [given])
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 21)]), path)


@pytest.fixture
def suite(project):
    """A suite with one model per name, the names of files and inputs alike."""
    tables = []
    for number, file in enumerate(FILES):
        model(project.folder / file, name=[LONG, "a/b:c d", "::error::x", "", "\u202egnp"][number] or "z")
        tables.append(f"[[benchmark]]\nmodel = {json.dumps(file)}\n")
    return project.write("all.energy.toml", "\n".join(tables))


def test_whatever_models_are_called_they_are_measured_and_ids_are_safe(project, suite):
    baselines = project.record(suite.name)
    assert len(baselines) == len(FILES)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,120}\.json", name) for name in baselines)
    ran = project.energy(suite.name, "--energy-json", "results.json", "--energy-markdown", "report.md")
    assert ran.ret == 0, ran.stdout.str()
    ran.assert_outcomes(passed=len(FILES))
    printed = ran.stdout.str() + (project.folder / "report.md").read_text(encoding="utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", printed)
    assert not re.search(r"^\s*::|##\[", printed, re.MULTILINE)
    found = project.results(project.folder / "results.json")["benchmarks"]
    assert {each["result"]["benchmark"]["model"] for each in found} == set(FILES)


def test_an_error_about_an_odd_name_cannot_speak_to_the_terminal(project):
    model(project.folder / "odd.onnx", name="\x1b[31m::error::\n::warning::x")
    project.write("all.energy.toml", '[[benchmark]]\nmodel = "odd.onnx"\n[benchmark.inputs.y]\nlow = 0\n')
    ran = project.energy("all.energy.toml", "--energy-markdown", "report.md")
    assert ran.ret == 1
    assert "has no input 'y'" in project.said(ran)
    printed = ran.stdout.str() + (project.folder / "report.md").read_text(encoding="utf-8")
    assert "\x1b" not in printed
    assert not re.search(r"^\s*::", printed, re.MULTILINE)
