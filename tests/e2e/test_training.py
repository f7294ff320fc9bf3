"""Training benchmarks: an inference model becomes a training step, which is measured and judged like any."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

SUITE = """
[[benchmark]]
model = "small.onnx"
mode = "training"
loss = "mse"
optimizer = "adamw"
batch = 8
"""
NAME = "small--cpu-b8-train-adamw-mse"


def test_a_training_benchmark_is_new_then_passes_and_tells_joules_per_sample(project):
    project.model()
    project.write("all.energy.toml", SUITE)
    ran = project.energy("all.energy.toml")
    assert ran.ret == 0
    assert "1 benchmark: 1 NEW" in project.said(ran)
    assert list(project.record("all.energy.toml")) == [f"{NAME}.json"]
    ran = project.energy("-v", "all.energy.toml", "--energy-json", "results.json")
    assert ran.ret == 0
    said = project.said(ran)
    assert "1 benchmark: 1 passed" in said
    assert "per sample, 8 samples per batch; built in" in said
    assert "learning_rate=0.001" in said
    (one,) = project.results(project.folder / "results.json")["benchmarks"]
    result = one["result"]
    assert result["benchmark"]["training"]["optimizer"] == "adamw"
    assert result["energy_per_sample_j"] == pytest.approx(result["energy"]["energy_j"] / 8)
    assert result["factors"]["training"]["loss"] == "mse"


def test_a_wider_model_regresses(project):
    project.model(width=32)
    project.write("all.energy.toml", SUITE)
    project.record("all.energy.toml")
    project.model(width=512)
    ran = project.energy("all.energy.toml")
    assert ran.ret == 1
    assert "REGRESSED" in project.said(ran)


def test_another_learning_rate_is_a_factor_of_the_same_benchmark(project):
    project.model()
    project.write("all.energy.toml", SUITE)
    project.record("all.energy.toml")
    project.write("all.energy.toml", SUITE + "hyperparameters = { learning_rate = 0.5 }\n")
    ran = project.energy("all.energy.toml", "-v")
    assert ran.ret == 0
    assert "learning_rate=0.5" in project.said(ran)


TEST = """
def test_it(energy):
    loss = energy.train("small.onnx", loss="mse", batch=4, accumulate=2, clip=1.0, frozen=["w1"])
    assert 0 < loss < 100
"""


def test_a_test_trains_one_step_without_energy_and_is_measured_with_it(project):
    project.model()
    project.write("test_it.py", TEST)
    ran = project.pytest()
    assert ran.ret == 0
    assert "gCO2e" not in ran.stdout.str()
    assert list(project.record()) == ["test_it--cpu-b4-train-sgd-mse.json"]
    (path,) = project.baselines().values()
    training = json.loads(path.read_text())["factors"]["training"]
    assert (training["accumulate"], training["clip"], training["frozen"]) == ("2", "1", "1 tensors")
    assert project.energy().ret == 0


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ('loss="hinge"', "argument loss of the energy fixture: there is no 'hinge', but cross-entropy"),
        ("clip=0", "argument clip of the energy fixture: 0 must be more than 0"),
        ('hyperparameters={"momentum": 0.9}', "The optimizer sgd has no momentum: it has learning_rate"),
    ],
)
def test_what_cannot_be_trained_so_is_said_to_a_test(project, argument, words):
    project.model()
    project.write("test_it.py", f"def test_it(energy):\n    energy.train('small.onnx', {argument})\n")
    ran = project.pytest()
    assert ran.ret == 1
    assert words in project.said(ran)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('optimizer = "adam"', 'optimizer is "adam", but it must be how parameters follow their gradients'),
        ("accumulate = 0", "accumulate is 0, but it must be how many batches"),
        ('optimiser = "sgd"', "Did you mean 'optimizer'?"),
        ('mode = "inference"\nloss = "mse"', "loss is a key of training, and this benchmark infers"),
    ],
)
def test_wrong_keys_are_named(project, line, words):
    project.model()
    mode = "" if line.startswith("mode") else 'mode = "training"\n'
    project.write("all.energy.toml", f'[[benchmark]]\nmodel = "small.onnx"\n{mode}{line}\n')
    ran = project.energy("all.energy.toml")
    assert ran.ret == 2
    assert words in project.said(ran)


def test_all_operators_without_a_gradient_are_named_at_once(project):
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Det", ["h"], ["d"]),
        helper.make_node("Bernoulli", ["d"], ["y"]),
    ]
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4, 4])
    given = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch"])
    weights = [helper.make_tensor("w", TensorProto.FLOAT, [4, 4], [0.1 * n for n in range(16)])]
    graph = helper.make_graph(nodes, "g", [taken], [given], weights)
    onnx.save(
        helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)]),
        project.folder / "odd.onnx",
    )
    project.write("all.energy.toml", SUITE.replace("small", "odd"))
    ran = project.energy("all.energy.toml")
    assert ran.ret == 1
    assert "Det" in project.said(ran)
    assert "no gradient rule" in project.said(ran)
    assert "Traceback" not in ran.stdout.str()


def test_two_versions_of_a_model_are_trained_side_by_side(project, pytester):
    project.model()
    project.write("all.energy.toml", SUITE)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        assert pytester.run(*git, *command).ret == 0
    assert "1 unchanged" in project.said(project.energy("--energy-against", "HEAD", "all.energy.toml"))
    project.model(width=1024)
    ran = project.energy("--energy-against", "HEAD", "all.energy.toml")
    assert ran.ret == 1
    assert "REGRESSED" in project.said(ran)


RUN = """
[[benchmark]]
model = "small.onnx"
mode = "training"
loss = "mse"
optimizer = "adamw"
batch = 8
inputs = "data.npz"
hyperparameters = { learning_rate = 0.01 }
"""


def data(project, rows=32):
    """Write rows that the model of three matrices can learn."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((rows, 16)).astype("float32")
    np.savez(project.folder / "data.npz", x=x, labels=0.5 * x)


def test_joules_to_reach_a_target_are_recorded_and_judged(project):
    project.model(width=16)
    data(project)
    project.write("all.energy.toml", RUN + 'target = "loss < 0.4"\nepochs = 500\n')
    (name,) = project.record("all.energy.toml")
    assert name == "small--cpu-b8-train-adamw-mse-500epochs-to0.4.json"
    ran = project.energy("-v", "all.energy.toml", "--energy-json", "results.json")
    assert ran.ret == 0
    assert "a step is a whole run of training: it reached its target after" in project.said(ran)
    (one,) = project.results(project.folder / "results.json")["benchmarks"]
    run, result = one["result"]["training"], one["result"]
    assert run["ending"] == "target"
    assert run["batches"] == 4 * len(run["losses"]) < 2000
    assert run["losses"][-1] < 0.4 <= min(run["losses"][:-1])
    energy_j = result["energy"]["energy_j"]
    assert result["energy_per_sample_j"] == pytest.approx(energy_j / (8 * run["batches"]))
    assert result["factors"]["training"]["batches"] == str(run["batches"])


def test_a_target_that_is_missed_is_no_figure(project):
    project.model(width=16)
    data(project)
    project.write("all.energy.toml", RUN + 'target = "loss < 0.0001"\nepochs = 2\n')
    ran = project.energy("all.energy.toml")
    assert ran.ret == 1
    assert "Training did not reach a loss below 0.0001: at its end after 2 passes" in project.said(ran)


def test_training_stops_early_when_nothing_gets_better(project):
    project.model(width=16)
    data(project)
    project.write(
        "test_it.py",
        "def test_it(energy):\n    energy.train('small.onnx', loss='mse', batch=8, epochs=50, patience=2,\n"
        "                 hyperparameters={'learning_rate': 0.0})\n",
    )
    ran = project.energy("--energy-json", "results.json")
    assert ran.ret == 0, ran.stdout.str()
    (one,) = project.results(project.folder / "results.json")["benchmarks"]
    assert one["result"]["training"]["ending"] == "patience"
    assert len(one["result"]["training"]["losses"]) == 3


def test_shuffled_rows_are_an_input_pipeline_whose_share_is_told(project):
    project.model(width=16)
    data(project)
    project.write("all.energy.toml", RUN + "shuffle = true\nepochs = 3\n")
    ran = project.energy("-v", "all.energy.toml", "--energy-json", "results.json")
    assert ran.ret == 0, ran.stdout.str()
    assert "of the run's CPU time" in project.said(ran)
    assert "pipeline=shuffled rows" in project.said(ran)
    (one,) = project.results(project.folder / "results.json")["benchmarks"]
    result = one["result"]
    cost, energy = result["training"]["pipeline"], result["energy"]
    assert 0 < cost["cpu_share"] < 1
    assert len(cost["cpu_s"]) == len(result["processes"])
    assert cost["energy_j"] == pytest.approx(cost["cpu_share"] * energy["parts_j"]["cpu"])
    for process in result["samples"]:
        assert len(process["fetch_cpu_s"]) == len(process["step_cpu_s"])
        parts = zip(process["fetch_cpu_s"], process["step_cpu_s"], strict=True)
        assert all(part < whole for part, whole in parts)


LOADER = """
import numpy as np, time

def batches(epoch):
    generator = np.random.default_rng(epoch)
    for _ in range(4):
        began = time.process_time()
        while time.process_time() - began < 0.004:  # decoding and augmentation
            pass
        x = generator.standard_normal((8, 16)).astype("float32")
        yield {"x": x, "labels": 0.5 * x}
"""


def test_a_loader_runs_within_the_measured_run(project):
    project.model(width=16)
    project.write("loader.py", LOADER)
    suite = RUN.replace("data.npz", "loader.py:batches") + "steps = 8\n"
    project.write("all.energy.toml", suite)
    (name,) = project.record("all.energy.toml")
    assert name == "small--cpu-b8-train-adamw-mse-8steps.json"
    project.write("loader.py", LOADER.replace("0.004", "0.04"))
    ran = project.energy("-v", "all.energy.toml", "--energy-json", "results.json")
    assert ran.ret == 1
    assert "REGRESSED" in project.said(ran)
    (one,) = project.results(project.folder / "results.json")["benchmarks"]
    cost = one["result"]["training"]["pipeline"]
    assert cost["cpu_share"] > 0.9
    assert min(cost["cpu_s"]) >= 8 * 0.04
    assert one["result"]["factors"]["training"]["pipeline"] == "loader"


FIXTURE = """
import numpy as np

X = np.random.default_rng(0).standard_normal((20, 16)).astype("float32")

def test_shuffled(energy):
    rows = {"x": X, "labels": X}
    assert energy.train("small.onnx", loss="mse", batch=8, inputs=rows, epochs=2, shuffle=True)

def test_loader(energy):
    assert energy.train("small.onnx", loss="mse", batch=8, inputs="loader:batches", epochs=2)
"""


def test_a_test_may_shuffle_rows_and_name_a_loader(project):
    project.model(width=16)
    project.write("loader.py", LOADER)
    project.write("test_it.py", FIXTURE)
    assert project.pytest().ret == 0
    ran = project.energy("--energy-json", "results.json")
    assert ran.ret == 0, ran.stdout.str()
    kinds = [
        one["result"]["factors"]["training"]["pipeline"]
        for one in project.results(project.folder / "results.json")["benchmarks"]
    ]
    assert kinds == ["shuffled rows", "loader"]


@pytest.mark.parametrize(
    ("keys", "code", "words"),
    [
        ("shuffle = true\n", 2, "shuffle is for whole runs of training, and here a step is one batch"),
        ('shuffle = "yes"\n', 2, 'shuffle is "yes", but it must be true or false'),
    ],
)
def test_shuffling_belongs_to_whole_runs(project, keys, code, words):
    project.model(width=16)
    data(project)
    project.write("all.energy.toml", RUN + keys)
    ran = project.energy("all.energy.toml")
    assert ran.ret == code
    assert words in project.said(ran)


def test_a_loader_that_fails_while_it_is_measured_is_named_with_its_line(project):
    project.model(width=16)
    source = "import numpy as np\ndef batches(epoch):\n    x = np.ones((8, 16), np.float32)\n"
    project.write("loader.py", source + "    yield {'x': x / (2 - epoch), 'labels': [1][epoch]}\n")
    project.write("all.energy.toml", RUN.replace("data.npz", "loader:batches") + "epochs = 2\n")
    ran = project.energy("all.energy.toml")
    assert ran.ret == 1
    assert "labels" in project.said(ran)
    project.write("loader.py", source + "    yield {'x': x, 'labels': [x][epoch]}\n")
    said = project.said(project.energy("all.energy.toml"))
    assert "failed: IndexError: list index out of range (loader.py, line 4). Mend it there." in said


def test_a_target_is_written_in_one_way(project):
    project.model(width=16)
    data(project)
    project.write("all.energy.toml", RUN + 'target = "accuracy > 0.9"\n')
    ran = project.energy("all.energy.toml")
    assert ran.ret == 2
    assert "'accuracy > 0.9' is no target: write \"loss < 0.2\"" in project.said(ran)
