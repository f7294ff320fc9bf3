"""How the onnx package's nine topologies learn: ``python tests/benchmarks/topologies_trial.py [NAME ...]``.

Each learns one image by twenty steps of momentum, as the tests have it learn four. Building is timed several
times, by CPU time; a first one, which reads the rules, is left out.
"""

import runpy
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

from pytest_energy.training.optimizers import Momentum
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.training_step import training_step

TOPOLOGIES = runpy.run_path(str(Path(__file__).parents[1] / "integration" / "training" / "topologies.py"))
STEPS, BUILDS = 20, 5
RECIPE = Recipe(optimizer=Momentum(learning_rate=0.01), clip_norm=1.0)


def built(model):
    """Return a step, and the median of the CPU times of building it, in s."""
    step, taken = training_step(model, RECIPE), []
    for _ in range(BUILDS):
        begin = time.process_time()
        training_step(model, RECIPE)
        taken.append(time.process_time() - begin)
    return step, statistics.median(taken)


def losses(step):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(step.model.SerializeToString(), options)
    names = [each.name for each in session.get_outputs()]
    images, labels = TOPOLOGIES["batch"](1)
    given = {step.inputs[0]: images, step.labels: labels, **step.hyperparameters}
    states = TOPOLOGIES["fresh_states"](step)
    taken = []
    for _ in range(STEPS):
        outputs = dict(zip(names, session.run(None, {**given, **states}), strict=True))
        taken.append(float(outputs[step.loss]))
        states = {each.input: np.asarray(outputs[each.output]) for each in step.states}
    return taken


def main():
    print("| topology | nodes | nodes of the step | build, CPU time | first loss | 20th | step, CPU time |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name in sys.argv[1:] or TOPOLOGIES["NAMES"]:
        model = TOPOLOGIES["topology"](name)
        step, build_s = built(model)
        begin = time.process_time()
        curve = losses(step)
        step_s = (time.process_time() - begin) / STEPS
        verdict = "" if curve[-1] < curve[0] else " (does not fall)"
        print(
            f"| {name} | {len(model.graph.node)} | {len(step.model.graph.node)} | {build_s:.2f} s | "
            f"{curve[0]:.3f} | {curve[-1] + 0.0:.3g}{verdict} | {step_s:.2f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
