"""Comparing without a gate: results files, ways within one run, and several environments in alternation."""

import json
import sys
from pathlib import Path

import pytest


class TestResultsFiles:
    @pytest.fixture
    def measured(self, project):
        """Results of a model with two numbers of threads, and of its larger int8 namesake."""
        project.model("net.onnx", width=96)
        project.model("net-int8.onnx", width=512, layers=6)
        project.write(
            "all.energy.toml",
            '[[benchmark]]\nmodel = "net.onnx"\n[[benchmark]]\nmodel = "net.onnx"\nthreads = 2\n'
            '[[benchmark]]\nmodel = "net-int8.onnx"\n',
        )
        options = ("all.energy.toml", "--energy-json", "a.json", "--energy-region", "FR")

        def run():
            ran = project.energy(*options)
            assert ran.ret == 0
            project.write("said.txt", project.said(ran))

        project.once(options, run)
        project.section = (project.folder / "said.txt").read_text(encoding="utf-8")
        return project

    def test_one_file_is_compared_with_intervals_and_so_is_the_run(self, measured, command):
        code, said = command("compare", "a.json", "--json", "c.json", "--markdown", "c.md")
        assert code == 0
        assert "net, 3 ways" in said
        assert "against the best latency energy EDP" in said
        assert "net in 3 ways:" in measured.section
        (model,) = measured.results(measured.folder / "c.json")["models"]
        last = max(model["ways"], key=lambda way: way["standings"]["energy"]["value"])
        assert last["label"] == "int8 1 thread"
        assert last["standings"]["energy"]["rank"] > 1
        assert last["standings"]["energy"]["behind"]["low"] > 1
        assert "### net" in (measured.folder / "c.md").read_text(encoding="utf-8")

    def test_files_of_two_machines_merge_with_what_differs_first(self, measured, command):
        document = measured.results(measured.folder / "a.json")
        for benchmark in document["benchmarks"]:
            result = benchmark["result"]
            result["environment"]["cpu"] = "Another Processor"
            result["pins"]["profile"] = "another-profile"
            result["score"]["intensity"] |= {"basis": "direct", "place": "elsewhere", "g_per_kwh": 900.0}
        measured.write("b.json", json.dumps(document))
        code, said = command("compare", "a.json", "b.json")
        assert code == 0
        head, _, tables = said.partition("net, 6 ways")
        assert "differs a b environment" in head
        assert "another-profile" in head
        assert "1 thread in a" in tables
        assert "carbon is not compared: intensities are not known to be on one basis" in tables

    def test_what_cannot_be_compared_is_said_in_a_sentence(self, measured, command):
        measured.write("copy.json", (measured.folder / "a.json").read_text(encoding="utf-8"))
        measured.write("not.json", "{}")
        assert command("compare", "a.json", "--json", "compared.json")[0] == 0
        document = measured.results(measured.folder / "a.json")
        only = document | {"benchmarks": document["benchmarks"][-1:]}
        measured.write("only.json", json.dumps(only))
        measured.write("none.json", json.dumps(document | {"benchmarks": []}))
        for arguments, expected in (
            (("a.json", "a.json"), "a.json is named twice"),
            (("a.json", "copy.json"), "copy.json holds the same measurements as a.json"),
            (("not.json",), "holds no results of pytest-energy"),
            (("compared.json",), "compared.json was written by a comparison"),
            (("absent.json",), "cannot be read: No such file"),
            (("none.json",), "none.json holds no benchmark that was measured"),
            (("only.json",), "the file holds no model in more than one way, only net-int8"),
            (("a.json", "--time", "3"), "--time is for measuring"),
            (("a.json", "--batch", "3"), "--batch is for measuring"),
            ((), "Name either results files"),
            (("a.json", "--paired", "net.onnx", "net.onnx"), "Name either results files"),
        ):
            code, said = command("compare", *arguments)
            assert (code, expected in said) == (2, True), said


class TestSeveralEnvironments:
    def test_they_are_compared_in_turns(self, project, command, environment):
        project.model("net.onnx")
        code, said = command(
            "run", "--python", sys.prefix, "--python", str(environment), "net.onnx", "--time", "0.4",
            "--provider", "cpu", "--json", "c.json", "--markdown", "c.md",
        )  # fmt: skip
        assert code == 0, said
        assert "onnxruntime" in said.partition("net, 2 ways")[0]
        (model,) = project.results(project.folder / "c.json")["models"]
        quick, slow = model["ways"]
        assert (quick["source"], slow["source"]) == (Path(sys.prefix).name, "slower")
        assert quick["in_turns"]
        assert slow["in_turns"]
        assert slow["result"]["factors"]["onnxruntime"] == "9.0.0"
        rounds = [[len(one["step_cpu_s"]) for one in way["result"]["samples"]] for way in model["ways"]]
        assert rounds[0] == rounds[1]
        assert len(rounds[0]) == 8
        assert slow["standings"]["energy"]["rank"] == 2
        assert slow["standings"]["energy"]["behind"]["low"] > 1
        assert "| in slower |" in (project.folder / "c.md").read_text(encoding="utf-8")

    def test_a_provider_that_none_has_is_left_out_and_1(self, project, command, environment):
        project.model("net.onnx")
        code, said = command(
            "run", "--python", sys.prefix, "--python", str(environment), "net.onnx", "--time", "0.4",
            "--provider", "cpu", "--provider", "dml",
        )  # fmt: skip
        assert code == 1
        assert "net, 2 ways" in said
        assert f"left out: - net--dml-b1: In the environment {sys.prefix}: " in said
        assert f"net--dml-b1: In the environment {environment}: " in said

    def test_bad_usage_is_2(self, project, command, environment):
        project.model("net.onnx")
        here = ("--python", sys.prefix)
        for arguments, expected in (
            ((*here, *here), "is named twice"),
            ((*here, "--python", f"{sys.prefix}/bin/python"), "is named twice"),
            ((*here, "--python", "nowhere"), "nowhere, which --python names, does not exist"),
            (
                (*here, "--python", str(environment), "--strict"),
                "--strict has no meaning with several --python",
            ),
        ):
            code, said = command("run", *arguments, "net.onnx")
            assert (code, expected in said) == (2, True), said
