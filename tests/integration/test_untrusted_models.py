"""Models that nobody has looked at: real ones that try what must not work, and exotic ones that must."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import ModelError
from pytest_energy.measurement.plan import Plan
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.pipeline import run_once
from pytest_energy.runner.subject import subject_of
from pytest_energy.runtime.job import Job
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.model import read_model_hash
from pytest_energy.workloads.suite import SuiteEntry

LIMITS = Limits(silence_s=60.0)
FLOAT, INT, BOOL, TEXT = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.STRING


def value(name, kind=FLOAT, shape=("n", 4)):
    return helper.make_tensor_value_info(name, kind, shape)


def node(kind, taken="x", given="y", **attributes):
    return helper.make_node(kind, taken.split(), given.split(), **attributes)


def model(*nodes, inputs=None, outputs=None, weights=(), domains=(), opset=21):
    graph = helper.make_graph(
        nodes,
        "graph",
        inputs or [value("x")],
        outputs or [value("y", shape=None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in weights],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(*each) for each in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


@pytest.fixture
def entry_of(tmp_path):
    """A factory: write a model, and return its benchmark."""

    def write(what, name="model.onnx", batch=2):
        path = tmp_path / name
        path.write_bytes(what.SerializeToString())
        return SuiteEntry(benchmark=Benchmark(name="m", model=name, batch=batch), model_path=path)

    return write


def measured(entry):
    """Run an entry in a worker as a benchmark does; return its samples, what was loaded, and its outputs."""
    with WorkerProcess(LIMITS) as worker:
        worker.wait_until_ready()
        events = list(worker.run(Job(subjects=(subject_of(entry),), plan=Plan(time_s=0.02), outputs=True)))
    found = {event["event"]: event for event in events}
    outputs = {event["name"]: event["array"] for event in events if event["event"] == "output"}
    return found["sampled"]["samples"][0], found["loaded"], outputs


def branching():
    branches = {
        f"{which}_branch": helper.make_graph([node(kind, "x", which)], which, [], [value(which)])
        for which, kind in (("then", "Sin"), ("else", "Cos"))
    }
    return model(
        node("ReduceSum", given="s", keepdims=0), node("Greater", "s zero", "c"), node("If", "c", **branches),
        weights=[("zero", np.float32(0))],
    )  # fmt: skip


def looping():
    body = helper.make_graph(
        [node("Identity", "c", "on"), node("Sin", "v", "w")],
        "body",
        [value("i", INT, ()), value("c", BOOL, ()), value("v")],
        [value("on", BOOL, ()), value("w")],
    )
    return model(
        node("Loop", "times true x", body=body), weights=[("times", np.int64(5)), ("true", np.array(True))]
    )


def scanning():
    body = helper.make_graph(
        [node("Add", "sum part", "next"), node("Identity", "next", "out")],
        "body",
        [value("sum", shape=(4,)), value("part", shape=(4,))],
        [value("next", shape=(4,)), value("out", shape=(4,))],
    )
    return model(
        node("Scan", "start x", "last y", body=body, num_scan_inputs=1),
        weights=[("start", np.zeros(4, np.float32))],
    )


def trees():
    tree = node(
        "TreeEnsembleRegressor", domain="ai.onnx.ml", n_targets=1, post_transform="NONE",
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[1, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0.0, 0.0],
        nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
        target_treeids=[0, 0], target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[1.0, 2.0],
    )  # fmt: skip
    return model(tree, domains=[("ai.onnx.ml", 3)])


def quantized():
    return model(
        node("QuantizeLinear", "x scale zero", "q"), node("DequantizeLinear", "q scale zero", "d"),
        node("DequantizeLinear", "w scale zero", "e"), node("MatMul", "d e", "y"),
        weights=[("scale", np.float32(0.02)), ("zero", np.int8(0)), ("w", np.ones((4, 3), np.int8))],
    )  # fmt: skip


def quantized_as_it_runs():
    return model(
        node("DynamicQuantizeLinear", "x", "q scale zero"), node("MatMulInteger", "q w zero", "i"),
        node("Cast", "i", "f", to=FLOAT), node("Mul", "f scale", "y"),
        weights=[("w", np.ones((4, 3), np.uint8))],
    )  # fmt: skip


def of_sequences():
    sequence = helper.make_tensor_sequence_value_info("x", FLOAT, ["n", 4])
    return model(node("ConcatFromSequence", axis=0), inputs=[sequence])


def into_sequences():
    return model(node("SplitToSequence", given="s", axis=1), outputs=[
        helper.make_tensor_sequence_value_info("s", FLOAT, None)
    ])  # fmt: skip


EXOTIC = {
    "If": branching(),
    "Loop": looping(),
    "Scan": scanning(),
    "ai.onnx.ml trees": trees(),
    "com.microsoft operator": model(node("Gelu", domain="com.microsoft"), domains=[("com.microsoft", 1)]),
    "int8 QDQ": quantized(),
    "dynamic quantization": quantized_as_it_runs(),
    "float16": model(
        node("Sin"), inputs=[value("x", TensorProto.FLOAT16)], outputs=[value("y", TensorProto.FLOAT16)]
    ),
    "text in and out": model(
        node("StringConcat", "x x"), inputs=[value("x", TEXT)], outputs=[value("y", TEXT)]
    ),
    "sequences in": of_sequences(),
    "sequences out": into_sequences(),
}


class TestWhatRuns:
    @pytest.mark.parametrize("name", EXOTIC)
    def test_an_exotic_model_is_measured(self, entry_of, name):
        samples, loaded, _ = measured(entry_of(EXOTIC[name]))
        assert min(samples["step_cpu_s"]) > 0
        assert loaded["finite"]
        copied = any("copied at every step" in note for note in loaded["notes"])
        assert copied == (name in {"text in and out", "sequences in"})

    def test_text_comes_back(self, entry_of):
        outputs = run_once(entry_of(EXOTIC["text in and out"]), LIMITS)
        assert outputs["y"].dtype.kind == "U"
        assert outputs["y"].shape == (2, 4)

    def test_a_model_in_the_format_of_onnx_runtime(self, entry_of):
        entry = entry_of(model(node("Sin")))
        folder = entry.model_path.parent
        command = [sys.executable, "-m", "onnxruntime.tools.convert_onnx_models_to_ort", str(folder)]
        subprocess.run([*command, "--optimization_style", "Fixed"], check=True, capture_output=True)
        converted = folder / "model.ort"
        samples, loaded, outputs = measured(
            SuiteEntry(benchmark=Benchmark(name="m", model="model.ort", batch=2), model_path=converted)
        )
        assert samples["step_cpu_s"]
        assert loaded["factors"]["provider"] == "CPUExecutionProvider"
        np.testing.assert_array_equal(outputs["y"], measured(entry)[2]["y"])

    def test_weights_beside_the_model_of_more_than_two_gigabytes(self, entry_of):
        rows = (9 << 28) // 1024  # 2.25 GiB in rows of 1 KiB; a sparse file has them without any disk
        table = TensorProto(
            name="table", data_type=FLOAT, dims=[rows, 256], data_location=TensorProto.EXTERNAL
        )
        for key, text in (("location", "table.bin"), ("length", str(rows * 1024))):
            table.external_data.add(key=key, value=text)
        large = model(node("Gather", "table ids"), inputs=[value("ids", INT, ["n"])])
        large.graph.initializer.append(table)
        entry = entry_of(large)
        with (entry.model_path.parent / "table.bin").open("wb") as stream:
            stream.truncate(rows * 1024)
        outputs = run_once(entry, LIMITS)
        assert outputs["y"].shape == (2, 256)
        assert not outputs["y"].any()


class TestWhatIsRefused:
    @pytest.mark.parametrize("location", ["../secret.bin", "link.bin", "absolute"])
    def test_weights_elsewhere_are_refused_by_us_and_by_onnx_runtime(self, entry_of, tmp_path, location):
        secret = tmp_path / "secret.bin"
        np.ones(4, np.float32).tofile(secret)
        (tmp_path / "models").mkdir()
        (tmp_path / "models/link.bin").symlink_to(secret)
        adding = model(node("Add", "x w"))
        weight = TensorProto(name="w", data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
        weight.external_data.add(key="location", value=str(secret) if location == "absolute" else location)
        adding.graph.initializer.append(weight)
        entry = entry_of(adding, "models/model.onnx")
        with pytest.raises(ModelError, match="keeps weights in"):
            read_model_hash(entry.model_path)
        with pytest.raises(ModelError, match="outside the model's folder, which is refused"):
            run_once(entry, LIMITS)

    def test_a_configuration_in_the_model_is_not_loaded(self, entry_of, monkeypatch, tmp_path):
        willed = model(node("Sin"))
        config = {"session_options": {"enable_profiling": 1, "intra_op_num_threads": 7}}
        helper.set_model_props(willed, {"ort_config": json.dumps(config)})
        entry = entry_of(willed)
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        monkeypatch.setenv("ORT_LOAD_CONFIG_FROM_MODEL", "1")
        measured(entry)
        assert not list(Path.cwd().iterdir())
        # ONNX Runtime by itself obeys the model: without our care the file would be there.
        script = f"import onnxruntime as o; o.InferenceSession({str(entry.model_path)!r}).end_profiling()"
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
        assert list(Path.cwd().iterdir())


class TestWhatIsLeftBehind:
    def test_a_model_leaves_nothing_behind(self, entry_of, tmp_path, monkeypatch):
        entry = entry_of(model(node("Sin")))
        for name in ("here", "home", "temporary"):
            (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / "here")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
        before = sorted(tmp_path.rglob("*"))
        measured(entry)
        assert sorted(tmp_path.rglob("*")) == before

    def test_nor_does_one_that_crashes_its_process(self, entry_of, tmp_path, monkeypatch):
        entry = entry_of(model(node("Sin")))
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        with WorkerProcess(LIMITS) as worker:
            worker.wait_until_ready()
            os.kill(worker._process.pid, 11)
            with pytest.raises(Exception, match="SIGSEGV"):
                list(worker.run(Job(subjects=(subject_of(entry),))))
        assert list(Path.cwd().iterdir()) == []
