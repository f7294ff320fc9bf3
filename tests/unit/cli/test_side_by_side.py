"""``compare --paired`` and ``run --python``: what they refuse before anything is measured."""

import sys

import pytest

MODEL = b"\x08\x0a\x12\x00"  # enough to be no text


@pytest.fixture
def models(project):
    (project / "nets").mkdir()
    for name in ("old.onnx", "new.onnx", "nets/a.onnx"):
        (project / name).write_bytes(MODEL)
    (project / "nets/all.energy.toml").write_text('[[benchmark]]\nmodel = "a.onnx"\n', encoding="utf-8")
    (project / "broken.energy.toml").write_text('[[benchmark]]\nmodle = "a.onnx"\n', encoding="utf-8")
    return project


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare",), "compare --paired OLD.onnx NEW.onnx"),
        (("compare", "--paired", "old.onnx"), "expected 2 arguments"),
        (("compare", "--paired", "old.onnx", "gone.onnx"), "The model gone.onnx is missing: check the path"),
        (("compare", "--paired", "nets", "new.onnx"), "The model nets is a folder: name a file in it"),
        (("compare", "--paired", "old.onnx", "new.onnx", "--batch", "0"), "must be 1 or more"),
        (("compare", "--paired", "old.onnx", "new.onnx", "--provider", "gpu"), "No execution provider"),
        (("compare", "--paired", "old.onnx", "new.onnx", "--tolerance", "-5%"), "expected one argument"),
        (("compare", "--paired", "old.onnx", "new.onnx", "--profile", "generc-cpu"), "generic-cpu"),
        (("compare", "--paired", "old.onnx", "new.onnx", "--region", "FRX"), "FRX"),
        (("compare", "--paired", "old.onnx", "new.onnx", "--json", "nets"), "is a folder: name a file"),
        (("run", "nets"), "required: --python"),
        (("run", "--python", sys.executable), "There is nothing to run: name suites"),
        (("run", "--python", sys.executable, "gone"), "gone is no suite"),
        (("run", "--python", sys.executable, "broken.energy.toml"), "energy.toml: benchmark[1] (line 1)"),
        (("run", "--python", sys.executable, "nets", "nets/a.onnx"), "Two benchmarks have the id"),
        (("run", "--python", "gone", "nets"), "The environment gone, which --python names, does not exist"),
        (("run", "--python", "nets", "nets"), "is a folder without bin/python"),
        (("run", "--python", "old.onnx", "nets"), "cannot be executed"),
    ],
)
@pytest.mark.usefixtures("models")
def test_what_cannot_be_done_is_2(command, arguments, said):
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())


@pytest.mark.usefixtures("models")
def test_models_that_are_equal_byte_for_byte_are_not_even_opened(command):
    # What lies here is no model that could be opened.
    code, out, err = command("compare", "--paired", "old.onnx", "new.onnx")
    assert (code, err) == (0, "")
    assert "UNCHANGED new--cpu-b1 - not run: byte for byte as in old.onnx" in " ".join(out.split())
    assert "compared with old.onnx" in out
    assert out.endswith("1 benchmark: 1 unchanged\n")


@pytest.mark.usefixtures("models")
def test_every_provider_is_a_benchmark(command):
    arguments = ("--provider", "cpu", "--provider", "openvino", "--batch", "8", "--threads", "2")
    _, out, _ = command("compare", "--paired", "old.onnx", "new.onnx", *arguments)
    assert "UNCHANGED new--cpu-b8-t2, new--openvino-b8-t2" in out


def test_a_file_that_cannot_be_written_is_told_before_anything_is_run(models, command):
    (models / "file").touch()
    code, out, err = command("compare", "--paired", "old.onnx", "new.onnx", "--json", "file/r.json")
    assert (code, out) == (2, "")
    assert "file/r.json" in err


def test_the_models_of_the_project_are_run_where_nothing_is_named(models, command):
    toml = '[tool.pytest-energy]\nmodels = ["gone/*.onnx"]\n'
    (models / "pyproject.toml").write_text(toml, encoding="utf-8")
    code, _, err = command("run", "--python", sys.executable)
    assert code == 2
    assert "'gone/*.onnx' matches no file" in err
