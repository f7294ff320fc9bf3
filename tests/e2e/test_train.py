"""``pytest-energy train``, as a user runs it: a model, rows to learn, and a model that has learned them."""

import hashlib
import re
import signal
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

RECIPE = ("--loss", "mse", "--optimizer", "adamw", "--learning-rate", "0.01", "--batch", "8")
PLACE = ("--profile", "generic-cpu", "--region", "FR")


@pytest.fixture
def rows(project):
    """A model of three matrices, and rows that it can learn: half of what it is given."""
    project.model(width=16)
    generator = np.random.default_rng(0)
    x = generator.standard_normal((32, 16)).astype("float32")
    np.savez(project.folder / "rows.npz", x=x, labels=0.5 * x)
    np.savez(project.folder / "unlabelled.npz", x=x)
    return x


@pytest.fixture
def train(rows, command):
    assert len(rows) == 32

    def run(*options, inputs="rows.npz"):
        return command("train", "small.onnx", "-o", "trained.onnx", "--inputs", inputs, *RECIPE, *options)

    return run


def loss_of(path, x):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": x})
    return float(np.mean((y - 0.5 * x) ** 2))


def weights(path):
    return {each.name: numpy_helper.to_array(each) for each in onnx.load(path).graph.initializer}


def test_a_model_learns_rows_and_is_written_with_what_that_cost(project, rows, train):
    before = (project.folder / "small.onnx").read_bytes()
    code, said = train("--epochs", "100", "--json", "cost.json", *PLACE)
    assert code == 0, said
    assert "epochs 100, 400 batches of 8 in all: as many as were asked for" in said
    assert "mse of 'y'" in said
    assert "J, modelled" in said
    assert re.search(r"emissions [\d.]+ \([\d.]+ to [\d.]+\) [um]?g CO2e", said)
    assert "profile generic-cpu, " in said
    assert loss_of(project.folder / "trained.onnx", rows) < 0.1 * loss_of(project.folder / "small.onnx", rows)
    assert (project.folder / "small.onnx").read_bytes() == before
    cost = project.results(project.folder / "cost.json")
    assert cost["target_reached"] is None
    for name, key in (("small.onnx", "model_sha256"), ("trained.onnx", "trained_sha256")):
        assert cost[key] == hashlib.sha256((project.folder / name).read_bytes()).hexdigest()
    assert len(cost["run"]["record"]["losses"]) == 100
    assert cost["run"]["record"]["losses"][-1] < cost["run"]["record"]["losses"][0]
    power_w = cost["pins"]["core_power_w"]
    assert cost["energy"]["energy_j"] == pytest.approx(cost["run"]["cpu_s"] * power_w)
    assert cost["energy"]["method"] == "modelled"
    assert cost["energy"]["systematic_low"] < 1 < cost["energy"]["systematic_high"]
    grams = cost["energy"]["energy_j"] / 3.6e6 * cost["pins"]["intensity"]["g_per_kwh"]
    assert cost["score"]["operational_g"] == pytest.approx(grams)


def test_training_ends_at_its_target_or_out_of_patience(train):
    code, said = train("--target", "0.4", "--epochs", "500")
    assert code == 0, said
    assert "the loss fell below 0.4" in said
    code, said = train("--patience", "2", "--learning-rate", "0")
    assert code == 0, said
    assert "epochs 3, 12 batches of 8 in all: 2 without a lower loss" in said


def test_a_missed_target_is_found_and_what_was_learned_is_kept(project, rows, train):
    code, said = train("--target", "loss < 0.0001", "--steps", "10", "--json", "cost.json")
    assert code == 1
    assert "Training did not reach a loss below 0.0001: at its end after 3 passes, the lowest" in said
    assert "The model is written as it was at the end." in said
    assert loss_of(project.folder / "trained.onnx", rows) < loss_of(project.folder / "small.onnx", rows)
    assert project.results(project.folder / "cost.json")["target_reached"] is False


def test_a_run_that_diverges_writes_nothing(project, train):
    project.write("trained.onnx", "what was there before")
    options = ("--epochs", "50", "--optimizer", "sgd", "--learning-rate", "1e6")
    code, said = train(*options)
    assert code == 1
    assert "Training diverged: the mean loss of pass" in said
    assert "lower learning rate" in said
    assert (project.folder / "trained.onnx").read_text() == "what was there before"


def test_a_model_may_be_trained_in_its_place(project, rows, train):
    path = project.folder / "small.onnx"
    before, loss = path.read_bytes(), loss_of(path, rows)
    code, said = train("--epochs", "20", "-o", "small.onnx", "--json", "cost.json")
    assert code == 0, said
    cost = project.results(project.folder / "cost.json")
    assert cost["model_sha256"] == hashlib.sha256(before).hexdigest()
    assert cost["trained_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loss_of(path, rows) < loss


FUNCTION = """
import numpy as np

def rows():
    x = np.random.default_rng(0).standard_normal((32, 16)).astype("float32")
    return {"x": x, "labels": 0.5 * x}
"""


def test_rows_come_from_a_function_of_a_file_too(project, train):
    project.write("data/learn.py", FUNCTION)
    assert train("--epochs", "3")[0] == 0
    from_file = (project.folder / "trained.onnx").read_bytes()
    code, said = train("--epochs", "3", inputs="data/learn.py:rows")
    assert code == 0, said
    assert (project.folder / "trained.onnx").read_bytes() == from_file


def test_shuffled_rows_come_in_an_order_that_follows_from_the_seed(project, train):
    written = []
    for options in (("--shuffle",), ("--shuffle", "--seed", "0"), ("--shuffle", "--seed", "1"), ()):
        code, said = train("--epochs", "3", *options)
        assert code == 0, said
        assert ("making batches" in said) == ("--shuffle" in options)
        written.append((project.folder / "trained.onnx").read_bytes())
    assert written[0] == written[1]
    assert len(set(written)) == 3


LOADER = (
    FUNCTION
    + """

def batches(epoch):
    data = rows()
    order = np.random.default_rng(epoch).permutation(32)
    for first in range(0, 32, 8):
        yield {name: each[order[first : first + 8]] for name, each in data.items()}
"""
)


def test_a_loader_gives_batches_while_it_trains(project, train):
    project.write("learn.py", LOADER)
    code, said = train("--epochs", "40", "--json", "cost.json", inputs="learn.py:batches")
    assert code == 0, said
    assert re.search(r"making batches [\d.]+ % of the CPU time", said)
    run = project.results(project.folder / "cost.json")["run"]
    assert run["record"]["batches"] == 160
    assert 0 < run["fetch_cpu_s"] < run["cpu_s"]
    assert run["record"]["losses"][-1] < 0.5 * run["record"]["losses"][0]


def test_what_is_frozen_stays_as_it_is(project, train):
    code, said = train("--epochs", "3", "--freeze", "w[01]")
    assert code == 0, said
    before, after = (weights(project.folder / name) for name in ("small.onnx", "trained.onnx"))
    same = {name for name, value in before.items() if np.array_equal(value, after[name])}
    assert same == {"w0", "w1"}


@pytest.mark.parametrize(
    ("options", "inputs", "found"),
    [
        ((), "rows.npz", (2, "Say when training ends: with --epochs, --steps, --target or --patience")),
        (("--epochs", "0"), "rows.npz", (2, "argument --epochs: 0 must be 1 or more")),
        (("--epochs", "1", "--seed", "-1"), "rows.npz", (2, "'-1' must be a whole number of 0 or more")),
        (("--epochs", "1", "--target", "soon"), "rows.npz", (2, "'soon' is no loss such as 0.2")),
        (("--epochs", "1"), "row.npz", (2, "--inputs row.npz: there is no file row.npz")),
        (("--epochs", "1"), "rows.csv", (2, "rows.csv is neither a file *.npz nor, alone, FILE.py:FUNCTION")),
        (("--epochs", "1"), "learn.py:rows", (2, "there is no file learn.py")),
        (("--epochs", "1", "--loss", "hinge"), "rows.npz", (2, "There is no loss 'hinge'")),
        (("--epochs", "1", "--provider", "cpu", "--provider", "cuda"), "rows.npz", (2, "on one provider")),
        (("--epochs", "1", "-o", "rows.npz/trained.onnx"), "rows.npz", (2, "could not be written")),
        (("--epochs", "1", "--json", "rows.npz/cost.json"), "rows.npz", (2, "could not be written")),
        (("--epochs", "1", "-o", "."), "rows.npz", (2, ". is a folder. Name a file in it with -o.")),
        (("--epochs", "1"), "unlabelled.npz", (2, "The data lacks 'labels': training needs")),
        (("--epochs", "1", "--batch", "64"), "rows.npz", (2, "set batch = 32")),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(project, train, options, inputs, found):
    code, words = found
    ended, said = train(*options, inputs=inputs)
    assert (ended, words in said) == (code, True), said
    assert not (project.folder / "trained.onnx").exists()


@pytest.mark.usefixtures("rows")
def test_a_run_that_is_killed_leaves_what_was_there(project):
    project.write("trained.onnx", "what was there before")
    listed = sorted(project.folder.iterdir())
    options = ("train", "small.onnx", "-o", "trained.onnx", "--inputs", "rows.npz", "--epochs", "10000000")
    running = subprocess.Popen(
        [sys.executable, "-P", "-m", "pytest_energy", *options, *RECIPE],
        cwd=project.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        first = running.stderr.readline()
        running.send_signal(signal.SIGKILL)
    assert first.startswith("epoch ")
    assert " of 10000000, loss " in first
    assert (project.folder / "trained.onnx").read_text() == "what was there before"
    assert sorted(project.folder.iterdir()) == listed
