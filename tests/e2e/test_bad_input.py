"""Bad input: a paragraph that says what, where and what next; the exit code; no traceback; nothing lost."""

import json

import onnx
import pytest
from onnx import TensorProto, helper


def tiny_model(node, opset=18, ir_version=10):
    taken, given = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "y"))
    graph = helper.make_graph([node], "tiny", [taken], [given])
    return helper.make_model(
        graph,
        ir_version=ir_version,
        opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid("my.domain", 1)],
    )


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def not_onnx(path):
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


def text(path):
    path.write_text("this is no model", encoding="utf-8")


def empty(path):
    path.write_bytes(b"")


def lfs_pointer(path):
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", encoding="utf-8")


def future_opset(path):
    onnx.save(tiny_model(helper.make_node("Relu", ["x"], ["y"]), opset=999), path)


def future_ir(path):
    onnx.save(tiny_model(helper.make_node("Relu", ["x"], ["y"]), ir_version=999), path)


def custom_operator(path):
    onnx.save(tiny_model(helper.make_node("Mine", ["x"], ["y"], domain="my.domain")), path)


DAMAGED_MODELS = {
    truncated: "damaged, truncated, or no ONNX model",
    not_onnx: "damaged, truncated, or no ONNX model",
    text: "is text, not ONNX",
    empty: "is empty",
    lfs_pointer: "git lfs pull",
    future_opset: "opset",
    future_ir: "IR version",
    custom_operator: "Custom operator libraries are not loaded",
}


@pytest.mark.parametrize(
    ("damage", "said"), DAMAGED_MODELS.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_a_model_that_cannot_be_run_fails_its_item(project, damage, said):
    damage(project.model("bad.onnx"))
    ran = project.energy("bad.onnx")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1)
    assert said in project.said(ran)
    assert "bad.onnx" in project.said(ran)
    assert "Traceback" not in ran.stdout.str() + ran.stderr.str()


def test_a_missing_model_is_a_usage_error_that_names_those_that_are_there(project):
    project.model()
    ran = project.energy("smal.onnx")
    assert ran.ret == 4
    assert "The model smal.onnx is missing: check the path" in ran.stderr.str()
    assert "(there are: small.onnx)" in ran.stderr.str()


def test_a_folder_that_is_named_as_a_model_is_a_usage_error(project):
    project.model()
    (project.folder / "x.onnx").mkdir()
    ran = project.energy("x.onnx", "small.onnx")
    assert ran.ret == 4
    assert "The model x.onnx is a folder: name a file in it." in ran.stderr.str()
    project.write("pyproject.toml", '[tool.pytest.ini_options]\n[tool.pytest-energy]\nmodels = ["*.onnx"]\n')
    ran = project.energy()
    assert ran.ret == 4
    assert "x.onnx is a folder: name a file in it." in " ".join(ran.stderr.str().split())


def test_where_nothing_is_measured_nothing_is_said_of_figures(project):
    project.write("test_it.py", "def test_it():\n    pass\n")
    ran = project.energy("test_it.py")
    assert ran.ret == 5
    assert "no benchmark was collected" in project.said(ran)
    assert "notes:" not in project.said(ran)
    assert "0 benchmarks" not in project.said(ran)
    assert "= energy =" not in project.energy("absent.py").stdout.str()


BROKEN_SUITES = {
    '[[benchmark]]\nmodel = "small.onnx"\nbatchsize = 1\n': "the key 'batchsize' is unknown",
    '[[benchmark]]\nmodel = "small.onnx"\nbatch = "one"\n': "batch is",
    '[[benchmark]]\nmodel = "smal.onnx"\n': "is missing",
    "[[benchmark]]\nmodel = small.onnx\n": "is not TOML",
    '[[benchmark]]\nmodel = "small.onnx"\nproviders = ["cpus"]\n': "Did you mean 'cpu'?",
    '[[benchmark]]\nmodel = "small.onnx"\ntolerance = "-5%"\n': "0 or more",
    "": "names no benchmark",
}


@pytest.mark.parametrize(("suite", "said"), BROKEN_SUITES.items())
def test_a_broken_suite_interrupts_the_collection(project, suite, said):
    project.model()
    project.write("all.energy.toml", suite)
    ran = project.energy("all.energy.toml")
    assert ran.ret == 2
    assert said in project.said(ran)
    assert "all.energy.toml" in project.said(ran)
    assert "Traceback" not in ran.stdout.str()


def test_two_benchmarks_with_one_id_are_a_usage_error(project):
    for folder in ("a", "b"):
        project.model(f"{folder}/small.onnx")
        project.write(f"{folder}/all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\n')
    ran = project.energy(".")
    assert ran.ret == 4
    assert "Two benchmarks have the id 'small--cpu-b1'" in ran.stderr.str()


BAD_OPTIONS = {
    ("--energy-tolerance=-5%",): "0 or more",
    ("--energy-tolerance", "0.05"): "write it with its % sign",
    ("--energy-provider", "openvin"): "Did you mean 'openvino'?",
    ("--energy-profile", "generc-cpu"): "generic-cpu",
    ("--energy-region", "FRX"): "FRX",
    ("--energy-intensity", "0.4e9"): "gCO2e per kWh",
    ("--energy-pue", "0.5"): "from 1 to 10",
    ("--energy-time", "0"): "seconds",
    ("--energy-time", "soon"): "must be a number",
    ("--energy-fail-on", "regresed"): "no verdict that can fail",
    ("--energy-reason", "why"): "no effect without --energy-update",
    ("--energy-baselines", "small.onnx"): "is a file: name a folder",
    ("--energy-json", "."): "is a folder: name a file",
}


@pytest.mark.parametrize(
    ("options", "said"),
    BAD_OPTIONS.items(),
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_an_option_that_cannot_be_used_is_a_usage_error(project, options, said):
    project.model()
    ran = project.pytest("--energy", "small.onnx", *options)
    assert ran.ret == 4
    assert said in " ".join(ran.stderr.str().split())
    assert "Traceback" not in ran.stdout.str() + ran.stderr.str()


def test_an_option_without_the_switch_is_a_usage_error(project):
    ran = project.pytest("--energy-update")
    assert ran.ret == 4
    assert "--energy-update has no effect without --energy" in ran.stderr.str()


@pytest.mark.parametrize(
    "key", ["update = true", 'reason = "x"', 'against = "main"', "tolerence = '5%'", "time = 'x'"]
)
def test_a_key_that_may_not_be_in_a_file_is_a_usage_error(project, key):
    project.write("pyproject.toml", f"[tool.pytest.ini_options]\n[tool.pytest-energy]\n{key}\n")
    ran = project.energy(".")
    assert ran.ret == 4
    assert key.split()[0] in ran.stderr.str()


def test_a_distributed_run_is_a_usage_error(project):
    project.model()
    ran = project.energy("-n2", "small.onnx")
    assert ran.ret == 4
    assert "add -n0" in ran.stderr.str()
    assert project.energy("-n0", "small.onnx").ret == 0


def no_json(path):
    path.write_text("{", encoding="utf-8")


def conflict(path):
    path.write_text(f"<<<<<<< ours\n{path.read_text()}=======\n>>>>>>> theirs\n", encoding="utf-8")


def wrong_shape(path):
    changed(path, lambda plain: plain.pop("factors"))


def newer(path):
    changed(path, lambda plain: plain.update(schema_version=99))


def edited(path):
    changed(path, lambda plain: plain["processes"][0].update(cost=plain["processes"][0]["cost"] * 2))


def of_another_benchmark(path):
    changed(path, lambda plain: plain["benchmark"].update(batch=7))


def changed(path, change):
    plain = json.loads(path.read_text())
    change(plain)
    path.write_text(json.dumps(plain), encoding="utf-8")


DAMAGED_BASELINES = {
    no_json: "JSON",
    conflict: "merge",
    wrong_shape: "factors",
    newer: "pgrade pytest-energy",
    edited: "edited by hand",
    of_another_benchmark: "b7",
}


@pytest.mark.parametrize(
    ("damage", "said"), DAMAGED_BASELINES.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_a_damaged_baseline_fails_its_item_and_is_left_alone(project, damage, said):
    project.model("small.onnx")
    project.model("other.onnx", width=32)
    path = project.record("small.onnx", "other.onnx")["small--cpu-b1.json"]
    damage(path)
    before = path.read_bytes()
    ran = project.energy("small.onnx", "other.onnx")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1, passed=1)
    assert said in project.said(ran)
    assert "small--cpu-b1.json" in project.said(ran)
    assert "Traceback" not in ran.stdout.str()
    assert path.read_bytes() == before


def test_a_baseline_in_the_folder_of_another_environment_fails_its_item(project):
    project.model()
    (path,) = project.record("small.onnx").values()
    elsewhere = path.parent.with_name("linux-x86_64-another-machine") / path.name
    elsewhere.parent.mkdir()
    path.rename(elsewhere)
    ran = project.energy("small.onnx")
    assert ran.ret == 1
    assert "linux-x86_64-another-machine" in project.said(ran)


def test_a_folder_that_cannot_hold_baselines_is_told_before_anything_is_measured(project):
    project.model()
    project.write("file", "")
    ran = project.energy("--energy-update", "--energy-baselines", "file/baselines", "small.onnx")
    assert ran.ret == 4
    assert "file/baselines" in " ".join(ran.stderr.str().split())
