"""A run in which something that was collected got no verdict is never green."""

import os
import signal

import onnx
import pytest
from onnx import TensorProto, helper

ORDINARY = "def test_ordinary():\n    pass\n"


def test_energy_with_nothing_to_measure_exits_5_though_ordinary_tests_passed(project):
    project.write("test_ordinary.py", ORDINARY)
    ran = project.energy()
    assert ran.ret == 5
    assert "no benchmark was collected" in project.said(ran)


def test_a_failed_ordinary_test_stays_a_failure(project):
    project.write("test_ordinary.py", "def test_ordinary():\n    assert False\n")
    assert project.energy().ret == 1


def test_collecting_only_is_exempt(project):
    project.write("all.energy.toml", '[[benchmark]]\nmodel = "small.onnx"\n')
    project.model()
    ran = project.energy("--collect-only", "-q")
    assert ran.ret == 0
    assert "all.energy.toml::small--cpu-b1" in ran.stdout.str()


def test_everything_deselected_exits_5(project):
    project.model()
    assert project.energy("small.onnx", "-k", "nothing_like_it").ret == 5


def test_a_provider_that_is_missing_skips_its_item_but_the_run_is_not_green(project):
    project.model()
    ran = project.energy("small.onnx", "--energy-provider", "cpu", "--energy-provider", "openvino")
    ran.assert_outcomes(passed=1, skipped=1)
    assert ran.ret == 1
    assert "onnxruntime-openvino" in project.said(ran)
    assert "1 benchmark without a verdict" in project.said(ran)


def test_under_strict_a_missing_provider_fails_its_item(project):
    project.model()
    ran = project.energy("small.onnx", "--energy-provider", "openvino", "--energy-strict")
    ran.assert_outcomes(failed=1)
    assert ran.ret == 1


def test_a_test_that_takes_the_fixture_and_measures_nothing_is_not_green(project):
    project.write("test_a.py", "def test_a(energy):\n    pass\n")
    ran = project.energy()
    assert ran.ret == 1
    assert "made no call of the energy or the benchmark fixture" in " ".join(project.said(ran).split())


def test_a_skipped_benchmark_is_not_green(project):
    project.write(
        "test_a.py", "import pytest\n@pytest.mark.skip(reason='later')\ndef test_a(energy):\n    pass\n"
    )
    ran = project.energy()
    assert ran.ret == 1
    assert "skipped: later" in project.said(ran)


# Stands in for a native fault: the worker process goes down in the middle of its first step.
FAULTS = {
    "crash": f"os.kill(os.getpid(), {int(signal.SIGSEGV)})",
    "out of memory": f"os.kill(os.getpid(), {int(signal.SIGKILL)})",
    "hang": f"os.kill(os.getpid(), {int(signal.SIGSTOP)})",
}
SAID = {"crash": "SIGSEGV", "out of memory": "memory ran out", "hang": "was silent for"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_that_goes_down_fails_its_benchmark_and_the_rest_go_on(project, monkeypatch, fault):
    project.model("bad.onnx", width=48)
    project.model("good.onnx", width=32)
    project.write(
        "faulty/sitecustomize.py",
        "import os, sys\n"
        "if 'pytest_energy.runtime.worker' in ' '.join(sys.orig_argv):\n"
        "    import onnxruntime as ort\n"
        "    quick = ort.InferenceSession.run_with_iobinding\n"
        "    def faulty(self, *arguments, **options):\n"
        "        if self.get_inputs()[0].shape[1] == 48:\n"
        f"            {FAULTS[fault]}\n"
        "        quick(self, *arguments, **options)\n"
        "    ort.InferenceSession.run_with_iobinding = faulty\n",
    )
    monkeypatch.setenv("PYTHONPATH", str(project.folder / "faulty") + os.pathsep)
    ran = project.energy("bad.onnx", "good.onnx", "--energy-timeout", "10")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1, passed=1)
    assert SAID[fault] in project.said(ran)
    assert "Traceback" not in ran.stdout.str()


def hungry_model():
    """A model of a few bytes that asks for 2 GiB."""
    size = helper.make_tensor("s", TensorProto.INT64, [1], [1 << 29])
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    given = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph(
        [helper.make_node("Expand", ["x", "s"], ["y"])], "hungry", [taken], [given], [size]
    )
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


def test_a_model_that_outgrows_its_memory_fails_its_item_and_the_rest_go_on(project):
    project.model("good.onnx")
    onnx.save(hungry_model(), project.folder / "hungry.onnx")
    ran = project.energy("hungry.onnx", "good.onnx", "--energy-memory", "400MiB")
    assert ran.ret == 1
    ran.assert_outcomes(failed=1, passed=1)
    assert "outgrew its memory and was killed" in project.said(ran)
    assert "raise --energy-memory" in project.said(ran)
