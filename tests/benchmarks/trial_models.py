"""The models of the trials, and versions of them that cost more by known amounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import onnx
from added_work import Copy, copies_worth, copyable_nodes, with_copies
from onnx import TensorProto, helper, numpy_helper

from pytest_energy.measurement.plan import Plan
from pytest_energy.results.benchmark import Benchmark
from pytest_energy.runner.pipeline import sample_in_workers
from pytest_energy.runner.setup import Setup
from pytest_energy.statistics.process_estimate import estimate_process
from pytest_energy.statistics.trimmed import typical
from pytest_energy.workloads.suite import SuiteEntry

GROWTHS = (0.10, 0.05, 0.03)
CLOSE = 0.007  # a version whose size is off by more is left out
_MODELS = Path(__file__).parents[2] / "models"
_LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"
_SHARES = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.25, 0.28)
_TRY_PROCESSES = 4
_SIZE_PROCESSES = 8
_CHOICES = 2
_TIME_S = 0.4  # per process and version


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A model of the trials.

    Attributes:
        entry: How it is run.
        versions: Paths of versions that cost more, by the growth that was wanted.
        sizes: By how much they really cost more, measured in isolation.
        gross: What a gross regression is called, and its path; None for none.
    """

    entry: SuiteEntry
    versions: dict[float, Path] = field(default_factory=dict)
    sizes: dict[float, float] = field(default_factory=dict)
    gross: tuple[str, Path] | None = None

    @property
    def name(self) -> str:
        return self.entry.benchmark.name

    def version(self, growth: float) -> SuiteEntry:
        """Return the version that costs so much more."""
        return replace(self.entry, model_path=self.versions[growth])


def make_models(folder: Path) -> list[Subject]:
    """Write the models; between 50 us and 50 ms per step on any usual machine."""
    wide = folder / "mlp-wide.onnx"
    onnx.save(mlp(width=320), wide)
    onnx.save(mlp(width=256), folder / "mlp-40.onnx")
    return [
        Subject(entry=_entry(_MODELS / "digits-cnn.onnx")),
        Subject(
            entry=_entry(_MODELS / "digits-cnn-int8.onnx"),
            gross=("dequantized", _MODELS / "digits-cnn.onnx"),
        ),
        Subject(entry=_entry(_MODELS / "digits-transformer.onnx")),
        Subject(entry=_entry(folder / "mlp-40.onnx", batch=16), gross=("wider layers", wide)),
        Subject(entry=_entry(_LIGHT / "light_shufflenet.onnx")),
        Subject(entry=_entry(_LIGHT / "light_squeezenet.onnx")),
    ]


def mlp(width: int, layers: int = 40) -> onnx.ModelProto:
    """Return a model of matrix products with ReLU between them, batch free."""
    draw = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(
            (draw.standard_normal((width, width)) * (2 / width) ** 0.5).astype(np.float32), f"weight_{number}"
        )
        for number in range(layers)
    ]
    nodes = []
    for number in range(layers):
        taken = f"relu_{number - 1}" if number else "x"
        given = f"relu_{number}" if number < layers - 1 else "y"
        nodes.append(helper.make_node("MatMul", [taken, f"weight_{number}"], [f"product_{number}"]))
        nodes.append(helper.make_node("Relu", [f"product_{number}"], [given]))
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width]) for name in "xy")
    graph = helper.make_graph(nodes, "mlp", [x], [y], weights)
    return helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)])


def sized(subject: Subject, folder: Path, setup: Setup) -> Subject:
    """Add versions that cost more, as far as nodes of the model can be copied.

    Copies cost more than their multiplications, so many versions are tried, those that come nearest are
    chosen, and their sizes are measured afresh: a size that was chosen flatters. Where that shows one to be
    off, another is chosen once more.
    """
    tried = list(_candidates(subject, folder))
    if not tried:
        return subject
    known = {
        path: size
        for few in _by_three(tried)
        for path, size in zip(few, _growths(subject.entry, few, setup, _TRY_PROCESSES), strict=True)
    }
    chosen: dict[float, Path] = {}
    sizes: dict[float, float] = {}
    for _ in range(_CHOICES):
        left = [growth for growth in GROWTHS if growth not in sizes]
        near = [min(known, key=lambda path, wanted=growth: abs(known[path] - wanted)) for growth in left]
        exact = _growths(subject.entry, near, setup, _SIZE_PROCESSES)
        known |= dict(zip(near, exact, strict=True))
        for growth, path, size in zip(left, near, exact, strict=True):
            print(f"  {subject.name}: {growth:.0%} is {size:+.2%}", flush=True)
            if abs(size - growth) <= CLOSE:
                chosen[growth], sizes[growth] = path, size
        if len(sizes) == len(GROWTHS):
            break
    return replace(subject, versions=chosen, sizes=sizes)


def _by_three(paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """Yield as many at a time as are measured together in the end: more would crowd the caches."""
    size = len(GROWTHS)
    return (paths[first : first + size] for first in range(0, len(paths), size))


def _candidates(subject: Subject, folder: Path) -> Iterator[Path]:
    model = onnx.load(subject.entry.model_path)
    nodes = copyable_nodes(model)
    total = sum(node.work for node in nodes)
    seen: list[list[Copy]] = []
    for share in _SHARES:
        copies = copies_worth(nodes, share * total)
        if copies and copies not in seen:
            seen.append(copies)
            path = folder / f"{subject.name}-plus-{share * 1000:.0f}.onnx"
            onnx.save(with_copies(model, copies), path)
            yield path


def _growths(entry: SuiteEntry, paths: Sequence[Path], setup: Setup, processes: int) -> list[float]:
    """Return by how much each model costs more than the entry's: all run in turn in the same processes."""
    entries = [entry, *(replace(entry, model_path=path) for path in paths)]
    taken = sample_in_workers(
        entries, range(processes), replace(setup, plan=Plan(time_s=_TIME_S * (1 + len(entries))))
    )
    costs = [[estimate_process(own.samples).cpu_s for own in process] for process in taken]
    return [
        typical([process[number] / process[0] for process in costs]) - 1 for number in range(1, len(entries))
    ]


def _entry(path: Path, batch: int = 1) -> SuiteEntry:
    return SuiteEntry(
        benchmark=Benchmark(name=path.stem, model=path.name, batch=batch, threads=1), model_path=path
    )
