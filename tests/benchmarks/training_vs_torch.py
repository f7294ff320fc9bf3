"""Training steps on stock ONNX Runtime against PyTorch: CPU time, wall time and memory of one step.

Every figure is taken in a process of its own, and the kinds alternate: within one process the second library
pays for what the first one left behind. Needs ``pip install pytest-energy[cpu,parity]``. Run as

    python tests/benchmarks/training_vs_torch.py --threads 1 --rounds 3
    python tests/benchmarks/training_vs_torch.py --models resnet50 --kinds ours eager
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

KINDS = ("ours", "eager", "channels_last", "compile")
RATE = 0.01
WARM_UP, LEAST_STEPS, STEPS_S = 2, 3, 5.0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", nargs="*", help="by name; all by default")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        kind, name = arguments.worker
        print(json.dumps(work(kind, name, Path(arguments.folder), arguments.threads)))
        return
    from torch_models import MODELS

    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.models or MODELS:
            compare(name, Path(folder), arguments)


def compare(name, folder, arguments):
    """Measure one model by all kinds in turns, and print a row for each."""
    if child("prepare", name, folder, arguments.threads) is None:
        return
    taken = {kind: [] for kind in arguments.kinds}
    for _ in range(arguments.rounds):
        for kind in arguments.kinds:
            taken[kind].append(child(kind, name, folder, arguments.threads))
    middle = {
        kind: {key: statistics.median(each[key] for each in rows) for key in ("cpu_s", "wall_s", "memory_mb")}
        for kind, rows in taken.items()
        if None not in rows
    }
    base = middle.get("eager")
    for kind in arguments.kinds:
        if kind not in middle:
            print(f"{name:14}{kind:15} cannot run here", flush=True)
            continue
        row = middle[kind]
        ratios = " ".join(f"{row[key] / base[key]:6.2f}" for key in row) if base else ""
        print(
            f"{name:14}{kind:15}{arguments.threads} threads  cpu {1e3 * row['cpu_s']:8.1f} ms  "
            f"wall {1e3 * row['wall_s']:8.1f} ms  {row['memory_mb']:6.0f} MB   / eager: {ratios}",
            flush=True,
        )


def child(kind, name, folder, threads):
    """Run one worker; None where it fails, as torch.compile does without a compiler."""
    variables = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    command = [
        sys.executable,
        __file__,
        "--worker",
        kind,
        name,
        "--folder",
        folder,
        "--threads",
        str(threads),
    ]
    ended = subprocess.run(
        list(map(str, command)), env=os.environ | variables, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        print(
            f"{name} {kind}: {(ended.stderr.strip().splitlines() or ['it was killed'])[-1]}", file=sys.stderr
        )
        return None
    return json.loads(ended.stdout.splitlines()[-1])


def work(kind, name, folder, threads):
    """Do what one process does."""
    if kind == "prepare":
        return prepare(name, folder)
    step = our_step(folder, threads) if kind == "ours" else torch_step(kind, name, threads)
    for _ in range(WARM_UP):
        step()
    began, cpu, wall = time.monotonic(), [], []
    while len(cpu) < LEAST_STEPS or time.monotonic() - began < STEPS_S:
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        step()
        cpu.append(time.process_time() - cpu_before)
        wall.append(time.perf_counter() - wall_before)
    return {"cpu_s": statistics.median(cpu), "wall_s": statistics.median(wall), "memory_mb": most_memory_mb()}


def most_memory_mb():
    """Return the most memory that this process held, in MB.

    ``getrusage`` would not do: on Linux a new program starts with the peak of the process that started it,
    and that one has imported PyTorch.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def prepare(name, folder):
    """Export the module and write its training step, and a batch."""
    import numpy as np
    import torch
    from torch_models import MODELS

    from pytest_energy.training.optimizers import Sgd
    from pytest_energy.training.recipe import Recipe
    from pytest_energy.training.step_file import write_step
    from pytest_energy.training.training_step import training_step

    warnings.simplefilter("ignore")
    build, data, classes = MODELS[name]
    x = data()
    program = torch.onnx.export(build().eval(), (x,), dynamo=True, optimize=False, verbose=False)
    began = time.perf_counter()
    step = training_step(program.model_proto, Recipe(optimizer=Sgd(learning_rate=RATE)))
    built_s = time.perf_counter() - began
    write_step(step, folder / "step.onnx", folder / "state.npz")
    np.savez(folder / "batch.npz", x=x.numpy(), labels=np.random.default_rng(0).integers(0, classes, len(x)))
    pairs = [(state.input, state.output) for state in step.states]
    (folder / "names.json").write_text(json.dumps([step.inputs[0], pairs]))
    print(f"{name}: built in {built_s:.2f} s", file=sys.stderr)
    return {"built_s": built_s}


def our_step(folder, threads):
    """Bind two sets of buffers, each the input of one binding and the output of the other."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    session = onnxruntime.InferenceSession(folder / "step.onnx", options, providers=["CPUExecutionProvider"])
    fed, pairs = json.loads((folder / "names.json").read_text())
    wrap = onnxruntime.OrtValue.ortvalue_from_numpy
    with np.load(folder / "state.npz") as initial:
        first = [wrap(initial[name]) for name, _ in pairs]
        second = [wrap(np.zeros_like(initial[name])) for name, _ in pairs]
    with np.load(folder / "batch.npz") as batch:
        feeds = {fed: wrap(batch["x"]), "labels": wrap(batch["labels"])}
    feeds["learning_rate"] = wrap(np.asarray(RATE, np.float32))
    bindings = []
    for read, written in ((first, second), (second, first)):
        binding = session.io_binding()
        for name, value in feeds.items():
            binding.bind_ortvalue_input(name, value)
        for (old, new), source, target in zip(pairs, read, written, strict=True):
            binding.bind_ortvalue_input(old, source)
            binding.bind_ortvalue_output(new, target)
        binding.bind_output("loss", "cpu")
        bindings.append(binding)

    def step():
        session.run_with_iobinding(bindings[0])
        bindings.reverse()

    return step


def torch_step(kind, name, threads):
    """Return PyTorch's usual loop."""
    import torch
    from torch_models import MODELS

    torch.set_num_threads(threads)
    build, data, classes = MODELS[name]
    module, x = build(), data()
    labels = torch.randint(0, classes, (len(x),))
    if kind == "channels_last" and x.dim() == 4:
        module, x = module.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    called = torch.compile(module) if kind == "compile" else module
    optimizer = torch.optim.SGD(module.parameters(), RATE)

    def step():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(called(x), labels).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    main()
