"""The reader: a process that reads a model's graph, writes what it found as one line of JSON, and ends.

Started as ``python -P -m pytest_energy.graphs.reader MODEL BATCH SECONDS``. A model may be damaged or
hostile: what it does to this process is done to no other, and it has a limit of memory and of CPU time.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import onnx
import onnx.inliner

from pytest_energy.graphs.graph_view import GraphView, declared_shapes, taken_branches, view_of
from pytest_energy.graphs.inspection import inspect
from pytest_energy.graphs.model_file import read_model
from pytest_energy.graphs.plan import plan_inputs
from pytest_energy.graphs.shape_check import with_sizes
from pytest_energy.results.inspection import Inspection

_ROOM_BYTES = 4 << 30


def main(path: Path, batch: int, limit_s: int) -> int:
    """Print the inspection of a model, or the fault that was found."""
    try:
        _limit(path.stat().st_size, limit_s)
        found: dict[str, object] = {"inspection": asdict(read(path, batch))}
    except (ValueError, OSError, MemoryError, RecursionError) as error:
        found = {"fault": str(error) or type(error).__name__}
    print(json.dumps(found))  # noqa: T201 - the answer
    return 0


def _limit(file_bytes: int, limit_s: int) -> None:
    """Limit the address space to the mapped file and what a graph needs, and the CPU time."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Windows has none

        room = file_bytes + _ROOM_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (room, room))
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 1))


def read(path: Path, batch: int) -> Inspection:
    """Read a model and derive everything that is told of it.

    Args:
        path: The model.
        batch: The size of batch axes.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no ONNX model.
    """
    model = read_model(path)
    if not model.HasField("graph"):
        raise ValueError("no ONNX model: it has no graph")
    if any(isinstance(name, bytes) for name in _names(model.graph)):
        raise ValueError("no ONNX model: a name in its graph is not text in UTF-8")
    view = symbolic_view(taken_branches(_inlined(model)))
    plan, sized = plan_inputs(view, batch)
    return inspect(path, model, view, sized, plan)


def _names(graph: onnx.GraphProto) -> Iterator[str | bytes]:
    """Yield every name in a graph and the graphs in it: protobuf hands over bytes where they are no UTF-8."""
    for each in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        yield each.name
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield attribute.name
            for inner in (attribute.g, *attribute.graphs):
                yield from _names(inner)


def symbolic_view(model: onnx.ModelProto) -> GraphView:
    """Index a model, with the shapes that follow from those of its inputs, symbols kept."""
    plain = view_of(model)
    inferred, _ = with_sizes(plain, {})
    return view_of(model, {**inferred.shapes, **declared_shapes(model)}, inferred.types)


def _inlined(model: onnx.ModelProto) -> onnx.ModelProto:
    """Put the model's own functions where they are called."""
    if not model.functions:
        return model
    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception:  # noqa: BLE001 - onnx raises its C++ side's classes; the calls stay as they are
        return model


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
