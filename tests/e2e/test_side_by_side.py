"""Side by side: two models in the same processes, and two environments in pairs of processes."""

import sys

import pytest

QUICK = ("--time", "0.4", "--tolerance", "300%")


class TestCompare:
    @pytest.fixture
    def models(self, project):
        project.model("old.onnx", width=32)
        project.model("new.onnx", width=512, layers=6)
        return project

    def test_a_dearer_model_is_1_and_is_explained(self, models, command):
        code, said = command(
            "compare", "--paired", "old.onnx", "new.onnx", *QUICK, "--json", "r.json", "--markdown", "r.md"
        )
        assert code == 1
        assert "new--cpu-b1 REGRESSED: energy per step +" in said
        assert "processes, both versions in alternation" in said
        assert "compared with old.onnx" in said
        assert "changed since model" in said
        assert "operators" in said
        assert said.endswith("1 benchmark: 1 REGRESSED")
        (benchmark,) = models.results(models.folder / "r.json")["benchmarks"]
        assert (benchmark["verdict"], benchmark["paired"]) == ("REGRESSED", True)
        assert benchmark["compared_with"] == benchmark["baseline"]["benchmark"]["model"] == "old.onnx"
        assert "**compared with:** old.onnx" in (models.folder / "r.md").read_text(encoding="utf-8")
        assert models.baselines() == {}

    @pytest.mark.usefixtures("models")
    def test_a_cheaper_model_is_0(self, command):
        code, said = command("compare", "--paired", "new.onnx", "old.onnx", *QUICK)
        assert code == 0
        assert "1 benchmark: 1 improved" in said

    def test_a_copy_is_unchanged_and_is_not_run(self, models, command):
        (models.folder / "copy.onnx").write_bytes((models.folder / "old.onnx").read_bytes())
        code, said = command("compare", "--paired", "old.onnx", "copy.onnx")
        assert code == 0
        assert "UNCHANGED copy--cpu-b1 - not run: byte for byte as in old.onnx" in said

    def test_the_shape_is_as_it_is_given(self, models, command):
        models.model("wider.onnx", width=48)
        command(
            "compare", "--paired", "old.onnx", "wider.onnx", *QUICK, "--batch", "3", "--threads", "2",
            "--json", "r.json",
        )  # fmt: skip
        (benchmark,) = models.results(models.folder / "r.json")["benchmarks"]
        assert (benchmark["id"], benchmark["tolerance"]) == ("wider--cpu-b3-t2", 3.0)

    def test_a_model_that_cannot_be_run_has_no_verdict_and_is_1(self, models, command):
        (models.folder / "new.onnx").write_bytes(b"\x08\x0a\x12\x00")
        code, said = command("compare", "--paired", "old.onnx", "new.onnx")
        assert code == 1
        assert "without a verdict: - new--cpu-b1: The model" in said


class TestRun:
    @pytest.fixture
    def suite(self, project):
        project.model("nets/small.onnx", width=32)
        project.write("nets/all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\nbatch = [1, 4]\n')
        return project

    @pytest.mark.usefixtures("suite")
    def test_equal_environments_are_unchanged_and_nothing_is_run(self, command):
        code, said = command("run", "--python", sys.prefix, "nets")
        assert code == 0
        assert "UNCHANGED small--cpu-b1, small--cpu-b4 - not run: everything that is recorded" in said
        assert f"is as in the environment {sys.prefix}" in said
        assert said.endswith("2 benchmarks: 2 unchanged")

    def test_a_slower_onnxruntime_here_is_1_and_named(self, suite, command, monkeypatch, slower_front):
        suite.write("slower/sitecustomize.py", slower_front)
        monkeypatch.setenv("PYTHONPATH", str(suite.folder / "slower"))
        code, said = command("run", "--python", sys.executable, "nets/small.onnx", *QUICK)
        assert code == 1
        assert "small--cpu-b1 REGRESSED" in said
        assert "-> 9.0.0" in said
        assert f"compared with the environment {sys.executable} (Python 3." in said

    def test_a_slower_onnxruntime_there_is_0(self, suite, command, environment):
        suite.write(
            "pyproject.toml", '[tool.pytest-energy]\nmodels = ["nets/*.onnx"]\njson = "results.json"\n'
        )
        code, said = command("run", "--python", str(environment), *QUICK, "--json", "r.json")
        assert code == 0
        assert "1 benchmark: 1 improved" in said
        (benchmark,) = suite.results(suite.folder / "r.json")["benchmarks"]
        changed = {change["name"]: change["before"] for change in benchmark["factors_changed"]}
        assert changed == {"onnxruntime": "9.0.0"}
        assert not (suite.folder / "results.json").exists()

    @pytest.mark.usefixtures("suite")
    def test_an_environment_without_numpy_is_2(self, command, environment):
        for link in environment.glob("lib/python*/site-packages/numpy*"):
            link.unlink()
        code, said = command("run", "--python", str(environment), "nets")
        assert code == 2
        assert f"The environment {environment}, which --python names, has Python 3." in said
        assert "but no numpy: install it there" in said
