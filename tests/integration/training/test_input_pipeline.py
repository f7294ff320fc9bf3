"""Batches that are made while a run trains: rows in a new order each pass, and the loader of a user."""

import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.errors import InputsError
from pytest_energy.measurement.clock import SystemClock
from pytest_energy.measurement.plan import Plan
from pytest_energy.measurement.sampler import sample
from pytest_energy.results.given_inputs import GivenInputs
from pytest_energy.results.training import Training
from pytest_energy.runtime.cycle import find_cycle
from pytest_energy.runtime.device_memory import DeviceMemory
from pytest_energy.runtime.job import Subject
from pytest_energy.runtime.loaded import load
from pytest_energy.runtime.step_cache import built_step
from pytest_energy.runtime.training_binding import TrainingBound, TrainingState
from pytest_energy.runtime.training_run import TrainingRun

WIDTH = 16
BATCH = 8
ROWS = 44  # five batches, and four rows that are left out


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Two matrices with a Relu between them."""
    generator = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array((generator.standard_normal((WIDTH, WIDTH)) / 4).astype("float32"), name)
        for name in ("v", "w")
    ]
    taken, given = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", WIDTH]) for name in ("x", "y")
    )
    nodes = [
        helper.make_node("MatMul", ["x", "v"], ["h"]),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MatMul", ["r", "w"], ["y"]),
    ]
    graph = helper.make_graph(nodes, "g", [taken], [given], weights)
    path = tmp_path_factory.mktemp("model") / "small.onnx"
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)]), path)
    return path


@pytest.fixture
def rows():
    x = np.random.default_rng(1).standard_normal((ROWS, WIDTH)).astype("float32")
    return {"x": x, "labels": 0.5 * x}


@pytest.fixture
def subject(model):
    """A factory: a training benchmark on given data."""

    def make(given, **settings):
        training = Training(loss="mse", hyperparameters={"learning_rate": 0.1}, **settings)
        return Subject(
            model=str(model),
            provider="cpu",
            batch=BATCH,
            threads=1,
            given=given,
            step=built_step(model, training, "cpu"),
        )

    return make


@pytest.fixture
def loader(tmp_path, rows, monkeypatch):
    """A factory: write a module with a loader, and return what names it. ``ROWS`` are the rows."""
    np.savez(tmp_path / "rows.npz", **rows)

    def write(body, name="loader_of_a_test"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        source = f"""
            import time
            from pathlib import Path
            import numpy as np
            ROWS = dict(np.load(Path(__file__).with_name("rows.npz")))
            def batch(first, size={BATCH}):
                return {{name: each[first : first + size] for name, each in ROWS.items()}}
            """
        lines = [line[12:] for line in source.splitlines()]
        (tmp_path / f"{name}.py").write_text("\n".join(lines) + "\n" + body, encoding="utf-8")
        return GivenInputs(function=f"{name}:batches", folder=str(tmp_path))

    return write


def run_of(subject):
    """Open a session, and return the run of training."""
    session = onnxruntime.InferenceSession(subject.step.graph, providers=["CPUExecutionProvider"])
    (run,) = find_cycle(session, subject, 0, SystemClock()).bounds
    run.step()()
    return run


def losses_on(subject, passes):
    """Train on batches of arrays, each bound by itself, one pass after the other."""
    session = onnxruntime.InferenceSession(subject.step.graph, providers=["CPUExecutionProvider"])
    state = TrainingState(session, subject.step)
    losses = []
    for batches in passes:
        taken = []
        for batch in batches:
            current = state.current
            bound = TrainingBound(session, batch, state)
            state.current = current  # binding a batch starts anew
            bound.step()()
            taken.append(bound.last_loss())
        losses.append(float(np.mean(taken)))
    return losses


def test_shuffled_rows_train_as_if_each_order_were_bound(subject, rows, tmp_path):
    np.savez(tmp_path / "rows.npz", **rows)
    asked = subject(GivenInputs(files=(str(tmp_path / "rows.npz"),)), epochs=3, shuffle=True)
    orders = [np.random.default_rng([0, epoch]).permutation(ROWS) for epoch in range(3)]
    passes = [
        [
            {name: each[order[first : first + BATCH]] for name, each in rows.items()}
            for first in range(0, ROWS - BATCH + 1, BATCH)
        ]
        for order in orders
    ]
    run = run_of(asked)
    assert run.record.losses == pytest.approx(losses_on(asked, passes), rel=1e-6)
    assert run.record.batches == 15
    first = run.record
    run.step()()
    assert run.record == first  # each run is the same one
    assert {tuple(sorted(order[:40])) for order in orders} != {tuple(range(40))}


def test_a_loader_trains_as_if_its_batches_were_bound(subject, loader, rows):
    live = run_of(
        subject(loader("def batches():\n    for n in range(5):\n        yield batch(8 * n)\n"), epochs=4)
    )
    passes = [[{name: each[8 * n : 8 * n + 8] for name, each in rows.items()} for n in range(5)]] * 4
    bound = losses_on(subject(GivenInputs(), epochs=4), passes)
    assert live.record.losses == pytest.approx(bound, rel=1e-6)


def test_a_loader_may_be_told_the_pass_and_write_over_its_arrays(subject, loader):
    given = loader(
        "SCRATCH = batch(0)\n"
        "def batches(epoch):\n"
        "    for n in np.random.default_rng(epoch).permutation(5):\n"
        "        for name, each in ROWS.items():\n"
        "            SCRATCH[name][:] = each[8 * n : 8 * n + 8]\n"
        "        yield SCRATCH\n"
    )
    run = run_of(subject(given, steps=12))
    assert (run.record.batches, len(run.record.losses)) == (12, 3)
    first = run.record
    run.step()()
    assert run.record == first


def test_a_loader_without_end_is_taken_from_as_far_as_steps_reach(subject, loader):
    given = loader("def batches():\n    while True:\n        yield batch(0)\n")
    assert run_of(subject(given, steps=7)).record.batches == 7
    with pytest.raises(InputsError, match=r"gave 100,000 batches in one pass, and more. Let it end"):
        run_of(subject(given, epochs=2))


def test_of_a_loader_one_batch_steps_take_the_first_ones(subject, loader):
    given = loader("def batches():\n    for n in range(5):\n        yield batch(8 * n)\n")
    session = onnxruntime.InferenceSession(subject(given).step.graph, providers=["CPUExecutionProvider"])
    assert len(find_cycle(session, subject(given), 0, SystemClock()).bounds) == 4


REFUSED = [
    ("yield {'image': ROWS['x'][:8], 'labels': ROWS['labels'][:8]}", "no input 'image'"),
    ("yield {'x': ROWS['x'][:8]}", "The data has no 'labels'"),
    ("yield {n: a[:8].astype('float64') for n, a in ROWS.items()}", r"it has dtype float64, not float32"),
    ("yield batch(0, 4)", "it has a batch of 4, but the benchmark's is 8"),
    ("yield batch(0, 16)", "it has a batch of 16, but the benchmark's is 8"),
    ("yield batch(0); yield batch(40)", r"batch 2 of pass 1 has 'x' as float32 \[4, 16\], and the first"),
    ("yield batch(0); yield {'x': ROWS['x'][:8]}", "batch 2 of pass 1 has x, and the first one of all x, la"),
    ("return; yield", "gave no batch in pass 1"),
    ("yield batch(0); 1 / 0", "ZeroDivisionError: division by zero .loader_of_a_test.py, line"),
    ("yield 3", "returned int: it must return a dict"),
    (
        "\n    for n in range(2 + (PASSES.append(0) or len(PASSES) > 2)): yield batch(0)",
        "more than 2 batches",
    ),
    (
        "\n    for n in range(3 - (PASSES.append(0) or len(PASSES) > 2)): yield batch(0)",
        "2 batches in pass 2",
    ),
]


@pytest.mark.parametrize(("body", "words"), REFUSED)
def test_what_a_loader_does_wrong_is_said(subject, loader, body, words):
    # It is called once to be looked through, once for the first pass, and then for the second.
    given = loader(f"PASSES = []\ndef batches():\n    {body}\n")
    with pytest.raises(InputsError, match=words):
        run_of(subject(given, epochs=3))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: {"x": rows["x"]}, "The data has no 'labels'"),
        (lambda rows: rows | {"labels": rows["labels"][:-1]}, "'x' has 44, 'labels' has 43"),
        (lambda rows: {name: each[:7] for name, each in rows.items()}, "has 7 rows, and a batch of 8"),
    ],
)
def test_rows_that_cannot_be_shuffled_are_refused(subject, rows, tmp_path, change, words):
    np.savez(tmp_path / "rows.npz", **change(rows))
    with pytest.raises(InputsError, match=words):
        run_of(subject(GivenInputs(files=(str(tmp_path / "rows.npz"),)), epochs=1, shuffle=True))


def test_nothing_and_loaders_cannot_be_shuffled(subject, loader):
    with pytest.raises(InputsError, match="shuffle = true needs rows to shuffle, and no data is given"):
        run_of(subject(GivenInputs(), epochs=1, shuffle=True))
    with pytest.raises(InputsError, match=r"so their order is its own\. Shuffle there"):
        run_of(subject(loader("def batches():\n    yield batch(0)\n"), epochs=1, shuffle=True))


BUSY = """
SPENT = [0.0]
def batches():
    for n in range(5):
        before = time.process_time()
        while time.process_time() - before < 0.002:
            pass
        made = batch(8 * n)
        SPENT[0] += time.process_time() - before
        yield made
"""


def test_the_share_of_a_loader_is_what_it_spent_by_its_own_clock(subject, loader):
    loaded = load(subject(loader(BUSY), epochs=2), 0, SystemClock())
    spent = sys.modules["loader_of_a_test"].SPENT
    taken = []
    step = loaded.step

    def run():
        before = spent[0]
        step.run()
        taken.append(spent[0] - before)

    watched = replace(step, run=run)
    plan = Plan(time_s=0.3)
    (samples,) = sample([watched], lambda: time.sleep(0), clock=SystemClock(), plan=plan, process=0, seed=0)
    measured = np.asarray(samples.fetch_cpu_s)
    counted = np.asarray(taken[-len(measured) :])
    assert samples.steps_per_block == 1
    assert len(measured) >= 4
    # What the clock sees beyond the loader's own: its generator's overhead, and copying five small batches.
    assert np.all(measured >= counted)
    assert np.all(measured <= counted + 2e-3)
    assert np.all(counted >= 0.02)
    assert np.all(measured <= samples.step_cpu_s)


def test_batches_that_lie_bound_have_no_share(subject, rows, tmp_path):
    np.savez(tmp_path / "rows.npz", **rows)
    loaded = load(subject(GivenInputs(files=(str(tmp_path / "rows.npz"),)), epochs=2), 0, SystemClock())
    assert loaded.step.fetched is None
    assert isinstance(loaded.cycle.bounds[0], TrainingRun)


def test_where_memory_is_not_the_hosts_each_batch_is_bound_anew(subject, rows):
    """A device's memory is a copy, which a step does not see change; here the copy lies on the host."""
    asked = subject(GivenInputs(), epochs=1)
    session = onnxruntime.InferenceSession(asked.step.graph, providers=["CPUExecutionProvider"])
    losses = []
    for memory in (DeviceMemory(), SimpleNamespace(name="cpu", number=0, on_host=False, of_sessions=None)):
        feeds = {name: each[:BATCH].copy() for name, each in rows.items()}
        bound = TrainingBound(session, feeds, TrainingState(session, asked.step, memory))
        replaced = {name: each[BATCH : 2 * BATCH].copy() for name, each in rows.items()}
        if memory.on_host:
            for name, each in replaced.items():
                np.copyto(feeds[name], each)
        else:
            feeds.update(replaced)  # seen by a step only if it is bound anew
        bound.refresh()
        bound.step()()
        losses.append(float(bound.last_loss()))
    assert losses[0] == losses[1]
    assert losses[0] != losses_on(asked, [[{name: each[:BATCH] for name, each in rows.items()}]])[0]
