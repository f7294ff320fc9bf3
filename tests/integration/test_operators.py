"""Profiles of real sessions, and what is said of real regressions."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import ModelError
from pytest_energy.gate.operators import explain_growth
from pytest_energy.measurement.plan import Plan
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.explanation import operator_profile
from pytest_energy.runner.setup import Setup
from pytest_energy.runtime.job import Job, Subject
from pytest_energy.runtime.limits import Limits
from pytest_energy.runtime.worker_process import WorkerProcess
from pytest_energy.workloads.suite import SuiteEntry

MODELS = Path(__file__).parents[2] / "models"
SETUP = Setup(conditions=None, limits=Limits(silence_s=60.0))


def value(name, kind=TensorProto.FLOAT, shape=("n", 64)):
    return helper.make_tensor_value_info(name, kind, shape)


def saved(path, graph):
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path)
    return path


def stack(path, widths):
    """A model of matrix products, one after the other."""
    names = ["x", *(f"h{number}" for number in range(1, len(widths) - 1)), "y"]
    weights = [
        numpy_helper.from_array(np.full(shape, 0.01, np.float32), f"w{number}")
        for number, shape in enumerate(pairwise(widths))
    ]
    nodes = [
        helper.make_node(
            "MatMul", [names[number], f"w{number}"], [names[number + 1]], name=f"matmul_{number}"
        )
        for number in range(len(weights))
    ]
    taken, given = value("x", shape=("n", widths[0])), value("y", shape=("n", widths[-1]))
    return saved(path, helper.make_graph(nodes, "stack", [taken], [given], weights))


def profiles(*paths, batch=8):
    entries = [
        SuiteEntry(benchmark=Benchmark(name=path.stem, model=str(path), batch=batch), model_path=path)
        for path in paths
    ]
    return tuple(operator_profile(entry, SETUP) for entry in entries)


def test_a_network_that_is_no_longer_quantized():
    before, after = profiles(MODELS / "digits-cnn-int8.onnx", MODELS / "digits-cnn.onnx")
    first, *_ = explain_growth(before, after, 2.0)
    assert first.startswith("4 QLinearConv became Conv (relu1_nchwc..relu4_nchwc): +")


def test_every_node_has_a_share_and_a_provider():
    (profile,) = profiles(MODELS / "digits-transformer.onnx")
    assert math.isclose(sum(each.share for each in profile.operators), 1)
    assert {each.provider for each in profile.operators} == {"CPUExecutionProvider"}
    assert {"MatMul", "Softmax", "LayerNormalization"} <= {each.op_type for each in profile.operators}


def test_a_repeated_layer_is_named(tmp_path):
    shallow, deep = stack(tmp_path / "shallow.onnx", [256] * 4), stack(tmp_path / "deep.onnx", [256] * 7)
    (told,) = explain_growth(*profiles(shallow, deep), 2.0)
    assert told.startswith("3 more MatMul (matmul_3..matmul_5): +")


def test_the_layer_that_was_widened_is_named(tmp_path):
    narrow = stack(tmp_path / "narrow.onnx", [128] * 5)
    wide = stack(tmp_path / "wide.onnx", [128, 128, 1024, 128, 128])
    (told,) = explain_growth(*profiles(narrow, wide), 4.5)
    assert told.startswith("2 MatMul (matmul_1 and matmul_2): +")


def test_the_body_of_a_loop_is_told_apart_from_the_loop(tmp_path):
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["s", "w"], ["t"], name="inside"),
            helper.make_node("Identity", ["c"], ["d"]),
        ],
        "body",
        [value("i", TensorProto.INT64, ()), value("c", TensorProto.BOOL, ()), value("s")],
        [value("d", TensorProto.BOOL, ()), value("t")],
    )
    loop = helper.make_node("Loop", ["often", "", "x"], ["y"], name="around", body=body)
    weights = [
        numpy_helper.from_array(np.eye(64, dtype=np.float32), "w"),
        numpy_helper.from_array(np.array(20), "often"),
    ]
    path = saved(tmp_path / "loop.onnx", helper.make_graph([loop], "g", [value("x")], [value("y")], weights))
    (profile,) = profiles(path, batch=256)
    shares = {each.name: each.share for each in profile.operators}
    assert shares["inside"] > shares["around"] > 0


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    for name in ("current", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "current")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    assert all(profile.operators for profile in profiles(*[MODELS / "digits-cnn.onnx"] * 2))
    left = {path.name for path in tmp_path.rglob("*")}
    assert left - {".ses"} == {"current", "temporary"}  # importing onnxruntime writes .ses


def test_a_job_that_profiles_does_not_sample():
    subject = Subject(model=str(MODELS / "digits-cnn.onnx"), provider="cpu", batch=1, threads=1)
    with WorkerProcess(SETUP.limits) as worker:
        worker.wait_until_ready()
        events = list(worker.run(Job(subjects=(subject,), plan=Plan(), profile=True)))
    assert [event["event"] for event in events if event["event"] != "round"] == ["profiled", "done"]


def test_a_model_that_is_none_is_refused_as_ever(tmp_path):
    path = tmp_path / "none.onnx"
    path.write_bytes(b"none")
    with pytest.raises(ModelError, match=r"none\.onnx"):
        profiles(path)
