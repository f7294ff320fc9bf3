"""OpenVINO on the processor: its wheel, or nothing."""

import json
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import PlacementError, ProviderOptionError, ProviderUnavailable
from pytest_energy.results.training import Training

NEEDS = ("openvino",)
OPENVINO, CPU = "OpenVINOExecutionProvider", "CPUExecutionProvider"
SIZE = 256


@pytest.fixture
def half_way(tmp_path):
    """Two products of matrices, and between them an operator that OpenVINO lacks."""
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["a"], name="first"),
            helper.make_node("Hardmax", ["a"], ["b"], name="lacking"),
            helper.make_node("MatMul", ["b", "w"], ["y"], name="second"),
        ],
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [SIZE, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [SIZE, SIZE])],
        [numpy_helper.from_array(np.eye(SIZE, dtype=np.float32), "w")],
    )
    path = tmp_path / "half-way.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    return path


@pytest.mark.parametrize(
    ("model", "nodes"), [("digits-cnn", 12), ("digits-cnn-int8", 34), ("digits-transformer", 87)]
)
def test_it_takes_the_example_models_whole(verified, models, model, nodes):
    factors, placement = verified(models / f"{model}.onnx", "openvino")
    assert placement.nodes == {OPENVINO: nodes}
    assert placement.time_share == 1
    assert (placement.partitions, placement.memcpy, placement.disputed) == (1, 0, None)
    assert placement.sources == ("assignment", "log", "profile")
    assert factors.provider == OPENVINO
    assert (factors.device, factors.software_device) == (None, None)


def test_it_gets_as_many_threads_as_are_asked_for_and_its_other_options(verified, models):
    factors, _ = verified(models / "digits-cnn.onnx", "openvino", provider_options={"device_type": "CPU"})
    assert factors.provider_options == {"num_of_threads": "1", "device_type": "CPU"}


def test_what_falls_back_is_named_and_timed(verified, half_way):
    factors, placement = verified(half_way, "openvino", least_share=0.0)
    assert placement.taken == 1
    assert placement.nodes[CPU] == 2
    # Which one of the products it takes beside is up to it.
    assert "Hardmax lacking" in placement.fallback
    assert set(factors.elsewhere) == {f"{CPU} {name}" for name in placement.fallback}
    assert 0 < placement.time_share < 1
    assert placement.disputed is None


@pytest.mark.parametrize("least", [0.999, 1.0])
def test_what_falls_back_too_much_is_refused(verified, half_way, least):
    with pytest.raises(
        PlacementError, match=rf"{OPENVINO} took \d+% of the time and 1 of 3 nodes.*Hardmax lacking"
    ):
        verified(half_way, "openvino", least_share=least)


def test_a_session_without_the_cpu_provider_takes_all_or_nothing(verified, models, half_way):
    alone = {"session.disable_cpu_ep_fallback": "1"}
    _, placement = verified(models / "digits-cnn.onnx", "openvino", entries=alone)
    assert placement.share == 1
    with pytest.raises(PlacementError, match=r"does not take every node.*session\.disable_cpu_ep_fallback"):
        verified(half_way, "openvino", entries=alone)


def test_a_gpu_that_is_not_there_is_not_replaced_by_the_processor(verified, models):
    with pytest.raises(ProviderUnavailable, match="Device GPU is not available"):
        verified(models / "digits-cnn.onnx", "openvino", provider_options={"device_type": "GPU"})


def test_an_option_that_it_does_not_know_is_named(verified, models):
    with pytest.raises(
        ProviderOptionError, match=r"The option nonsense of openvino.*Invalid OpenVINO EP option"
    ):
        verified(models / "digits-cnn.onnx", "openvino", provider_options={"nonsense": "1"})


def test_a_run_tells_what_ran_where_and_names_nodes_that_moved(pytester, half_way):
    (pytester.path / "small.onnx").write_bytes(half_way.read_bytes())
    pytester.makefile(
        ".energy.toml",
        all='[[benchmark]]\nmodel = "small.onnx"\nproviders = ["openvino"]\nplacement = "any"\n',
    )
    common = ("--energy", "--energy-time", "0.5", "--energy-tolerance", "300%", "all.energy.toml")
    assert pytester.runpytest_subprocess(*common, "--energy-update").ret == 0
    (path,) = pytester.path.glob("baselines/*/*.json")
    baseline = json.loads(path.read_text())
    assert len(baseline["factors"]["elsewhere"]) == 2
    # As if both nodes had run on OpenVINO when the baseline was recorded.
    baseline["factors"] |= {"elsewhere": [], "placement": f"{OPENVINO}:3"}
    path.write_text(json.dumps(baseline))
    assert pytester.runpytest_subprocess(*common, "--energy-json", "results.json").ret == 0
    (benchmark,) = json.loads((pytester.path / "results.json").read_text())["benchmarks"]
    assert 0 < benchmark["result"]["placement"]["time_share"] < 1
    (moved,) = (each for each in benchmark["factors_changed"] if each["name"].startswith("2 nodes"))
    assert "Hardmax lacking" in moved["name"]
    assert (moved["before"], moved["after"]) == ("OpenVINO", "CPU")


def test_two_environments_run_it_and_the_cpu_provider_in_turns(models, tmp_path):
    other = tmp_path / "other"
    venv.create(other, symlinks=True)
    (packages,) = other.glob("lib/python*/site-packages")
    for name in ("numpy", "numpy.libs", "onnxruntime"):
        here = Path(find_spec(name.partition(".")[0]).origin).parent.with_name(name)
        if here.exists():
            (packages / name).symlink_to(here)
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest_energy", "run", "--python", sys.prefix, "--python", str(other),
            "--provider", "cpu", "--provider", "openvino", "--time", "0.4", "--json", "c.json",
            str(models / "digits-cnn.onnx"),
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert document["left_out"] == []
    (model,) = document["models"]
    placements = {
        (way["source"], way["result"]["placement"]["requested"]): way["result"]["placement"]["nodes"]
        for way in model["ways"]
    }
    sources = (Path(sys.prefix).name, "other")
    assert placements == {(source, name): {name: 12} for source in sources for name in (CPU, OPENVINO)}
    assert all(way["in_turns"] for way in model["ways"])


@pytest.mark.parametrize("name", ["convolutions", "transformer", "perceptron"])
def test_models_learn_there_what_they_learn_on_the_cpu(lessons, learns_as_on_the_cpu, name):
    placement = learns_as_on_the_cpu(lessons[name], "openvino")
    assert placement.share > 0.95


@pytest.mark.parametrize("model", ["digits-cnn", "digits-transformer"])
def test_a_training_step_runs_there_in_one_piece_but_for_what_is_named(verified, models, model):
    factors, placement = verified(
        models / f"{model}.onnx", "openvino", batch=4, training=Training(optimizer="momentum")
    )
    assert factors.training["lowering"] == "portable"
    assert placement.time_share > 0.9
    assert len(placement.fallback) <= 2
    assert all(name.startswith("ReduceSum") for name in placement.fallback)
