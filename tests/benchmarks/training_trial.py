"""How many models of others learn: ``python tests/benchmarks/training_trial.py FOLDER``.

Every model learns one batch of its own. One that ends in Softmax learns by cross-entropy to find the class
behind the one that it found; all others learn to put out one half, by binary cross-entropy where they end in
Sigmoid, else by their squared error. A model learns where the loss is lower after a few steps, at one of a
few rates. All are trained by one process; where native code ends it, another one goes on.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from pytest_energy.errors import HarnessError
from pytest_energy.graphs.reader import read
from pytest_energy.training.losses import LOSSES, CrossEntropy
from pytest_energy.training.optimizers import AdamW
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.training_step import training_step
from pytest_energy.workloads.inputs import find_feeds

RATES = (1e-3, 1e-4, 1e-5)
STEPS = 6
BUDGET_S = 10.0  # of one rate; two steps are taken at least
LONGEST_S = 120.0
ROUNDING = 1e-5  # a loss that falls by less may not have fallen at all
FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16}


def session_of(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 2
    providers = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)


def found_feeds(session, path):
    """Return feeds that the model accepts, as they are found for a benchmark of inference."""

    def try_feed(feeds):
        try:
            outputs = session.run(None, feeds)
        except Exception as error:  # noqa: BLE001 - onnxruntime raises nothing narrower
            return str(error)
        return all(np.isfinite(each).all() for each in outputs if getattr(each, "dtype", None) == np.float32)

    return find_feeds(read(path, 1).plan, 0, try_feed).feeds


def lesson(model, feeds):
    """Return the loss that a model learns by, and the labels."""
    makers = {name: node for node in model.graph.node for name in node.output}
    ends = [each.name for each in model.graph.output if each.type.tensor_type.elem_type in FLOATS]
    (output,) = session_of(model).run(ends[:1], feeds)
    maker = makers[ends[0]]
    while maker.op_type == "Identity" and maker.input[0] in makers:
        maker = makers[maker.input[0]]
    if maker.op_type not in {"Softmax", "LogSoftmax"} or output.ndim == 1:
        kind = "binary-cross-entropy" if maker.op_type == "Sigmoid" else "mse"
        return LOSSES[kind], np.full_like(output, 0.5)
    axis = output.ndim - 1
    return CrossEntropy(axis=axis), (output.argmax(axis=axis) + 1) % output.shape[axis]


def losses(step, session, feeds, labels, rate):
    """Return the losses of a few steps."""
    names = [each.name for each in session.get_outputs()]
    states = {each.input: np.asarray(each.initial) for each in step.states}
    given = {name: feeds[name] for name in step.inputs} | {step.labels: labels} | step.hyperparameters
    given["learning_rate"] = np.full_like(given["learning_rate"], rate)
    found = []
    begin = time.perf_counter()
    while len(found) < STEPS and (len(found) < 2 or time.perf_counter() - begin < BUDGET_S):
        outputs = dict(zip(names, session.run(None, {**given, **states}), strict=True))
        found.append(float(outputs[step.loss]))
        states = {each.input: np.asarray(outputs[each.output]) for each in step.states}
    return found


def fell(curve):
    return bool(np.isfinite(curve).all()) and curve[-1] < curve[0] * (1 - ROUNDING)


def tried(path):
    """Train one model.

    Its outcome is ``learns``, ``does not learn``, ``refused`` where no step is built, or ``no floats`` or
    ``unloadable`` where there is nothing to train or to run.
    """
    try:
        model = onnx.load(path)
        feeds = found_feeds(session_of(model), path)
    except Exception as error:  # noqa: BLE001 - whatever it is, the model cannot be run for inference either
        return {"outcome": "unloadable", "said": str(error)}
    if not any(each.type.tensor_type.elem_type in FLOATS for each in model.graph.output):
        return {"outcome": "no floats", "said": "no output is a floating-point tensor"}
    loss, labels = lesson(model, feeds)
    begin = time.perf_counter()
    try:
        step = training_step(model, Recipe(loss=loss, optimizer=AdamW()))
    except HarnessError as error:
        return {"outcome": "refused", "said": str(error)}
    built = time.perf_counter()
    session = session_of(step.model)
    for rate in RATES:
        curve = losses(step, session, feeds, labels, rate)
        if fell(curve):
            break
    return {
        "outcome": "learns" if fell(curve) else "does not learn",
        "said": "",
        "losses": [curve[0], curve[-1]],
        "rate": rate,
        "parameters": len(step.trained),
        "build_s": built - begin,
        "train_s": time.perf_counter() - built,
    }


def main():
    """Answer every path on stdin by a line of JSON; what native code prints to stdout goes elsewhere.

    Where the step cannot be run, or not be built for a reason that is no error of ours, it ``failed``.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = tried(Path(line.rstrip("\n")))
        except Exception as error:  # noqa: BLE001 - that nothing is raised is what is tested
            answer = {"outcome": "failed", "said": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


def trials(models):
    """Yield how each model went; ``crashed`` where native code ended the process, or it took too long."""
    process = started()
    for path in models:
        answer = asked(process, path)
        if answer is None:
            process.kill()
            process.wait()
            process = started()
        yield {"model": str(path), **(answer or {"outcome": "crashed", "said": ""})}
    process.stdin.close()
    process.wait()
    process.stdout.close()


def started():
    return subprocess.Popen(
        [sys.executable, "-P", __file__, "--answer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def asked(process, path):
    try:
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    ready, _, _ = select.select([process.stdout], [], [], LONGEST_S)
    line = process.stdout.readline() if ready else ""
    return json.loads(line) if line else None


def show(folder):
    """Print a row per model, and the share of those with floating-point outputs that learn."""
    print(f"{'model':<34} {'outcome':<15} {'tensors':>7} {'build s':>8} {'rate':>7} {'loss':>9} {'then':>9}")
    counts = Counter()
    for each in trials(sorted(folder.rglob("*.onnx"))):
        counts[each["outcome"]] += 1
        row = f"{Path(each['model']).stem[:34]:<34} {each['outcome']:<15}"
        if "losses" in each:
            row += f" {each['parameters']:7} {each['build_s']:8.2f} {each['rate']:7.0e}"
            row += "".join(f" {loss:9.3g}" for loss in each["losses"])
        print(row if "losses" in each else f"{row} {each['said'][:200]}", flush=True)
    runs = sum(counts.values()) - counts["unloadable"] - counts["no floats"]
    print(f"\n{counts['learns']} of {runs} float models that ONNX Runtime runs learn")


if __name__ == "__main__":
    if sys.argv[1] == "--answer":
        main()
    else:
        show(Path(sys.argv[1]))
