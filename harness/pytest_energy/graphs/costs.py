"""Costs: multiply-accumulates and bytes of one step, node by node, from the shapes of the graph."""

import math
from collections import Counter
from collections.abc import Callable, Mapping

import onnx

from pytest_energy.graphs.graph_view import GraphView, attributes
from pytest_energy.results.inspection import Work

Macs = Callable[[GraphView, onnx.NodeProto], int | None]

# These only rename what is there already, or tell its shape.
_MOVE_NOTHING = frozenset(
    {
        "Constant",
        "Shape",
        "Size",
        "Reshape",
        "Flatten",
        "Squeeze",
        "Unsqueeze",
        "Identity",
        "If",
        "Loop",
        "Scan",
    }
)
_BITS_BY_NAME = {"BOOL": 8, "DOUBLE": 64, "FLOAT": 32, "FLOAT16": 16, "BFLOAT16": 16, "STRING": 0}


def work_of(view: GraphView) -> Work:
    """Add up one step of a graph whose shapes are known; inner graphs are counted once.

    Args:
        view: The graph, with the shapes of one step.
    """
    types = element_types(view)
    macs, moved = 0, 0
    unknown: Counter[str] = Counter()
    for node in view.nodes:
        counted = _MACS[node.op_type](view, node) if node.op_type in _MACS else 0
        volume = _bytes_of_node(view, node, types)
        if counted is None or volume is None:
            unknown[node.op_type] += 1
        macs += counted or 0
        moved += volume or 0
    return Work(
        macs=macs, bytes=moved, least_bytes=_least_bytes(view, types), unknown=dict(sorted(unknown.items()))
    )


def element_types(view: GraphView) -> dict[str, int]:
    """Return the element type of every value; guessed for what no inference told."""
    found = dict(view.types)
    for node in view.nodes:
        _infer_type(node, found)
    return found


def bits_of(element_type: int) -> int:
    """Return the size of one element in bits; 0 for strings."""
    name = str(onnx.TensorProto.DataType.Name(element_type))
    if name in _BITS_BY_NAME:
        return _BITS_BY_NAME[name]
    digits = "".join(letter for letter in name.split("E", maxsplit=1)[0] if letter.isdigit())
    return int(digits) if digits else 32


def bytes_of_tensor(tensor: onnx.TensorProto) -> int:
    """Return the bytes of a tensor's elements, wherever they lie."""
    elements: int = math.prod(tensor.dims)
    return elements * bits_of(tensor.data_type) // 8


def _infer_type(node: onnx.NodeProto, found: dict[str, int]) -> None:
    """Guess what a node gives where nothing says it: what its first input is, or what it casts to."""
    to = next((each.i for each in node.attribute if each.name == "to"), None)
    if to is None and node.op_type == "Constant":
        to = next((each.t.data_type for each in node.attribute if each.name == "value"), None)
    if to is None and node.input:
        to = found.get(node.input[0])
    for name in node.output:
        if name and to is not None:
            found.setdefault(name, to)


def _bytes_of_node(view: GraphView, node: onnx.NodeProto, types: Mapping[str, int]) -> int | None:
    if node.op_type in _MOVE_NOTHING:
        return 0
    names = [*_read(node), *node.output]
    sizes = [_bytes(view, name, types) for name in names if name]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _read(node: onnx.NodeProto) -> list[str]:
    """Return what a node reads in full; of a table it reads as much as it gives."""
    if node.op_type in {"Gather", "GatherElements", "GatherND", "Slice"}:
        return [*node.input[1:], node.output[0]]
    return list(node.input)


def _bytes(view: GraphView, name: str, types: Mapping[str, int]) -> int | None:
    elements = _elements(view, name)
    return None if elements is None else elements * bits_of(types.get(name, onnx.TensorProto.FLOAT)) // 8


def _elements(view: GraphView, name: str) -> int | None:
    sizes = _sizes(view, name)
    return None if sizes is None else math.prod(sizes)


def _sizes(view: GraphView, name: str) -> tuple[int, ...] | None:
    shape = view.shape(name)
    known = tuple(size for size in shape or () if isinstance(size, int))
    return known if shape is not None and len(known) == len(shape) else None


def _least_bytes(view: GraphView, types: Mapping[str, int]) -> int:
    weights = sum(bytes_of_tensor(tensor) for tensor in view.model.graph.initializer)
    ends = [each.name for each in (*view.inputs, *view.model.graph.output)]
    return weights + sum(_bytes(view, name, types) or 0 for name in ends)


def _conv(view: GraphView, node: onnx.NodeProto) -> int | None:
    place = 3 if node.op_type == "QLinearConv" else 1
    weight, result = _sizes(view, node.input[place]), _sizes(view, node.output[0])
    return None if weight is None or result is None else math.prod(result) * math.prod(weight[1:])


def _conv_transpose(view: GraphView, node: onnx.NodeProto) -> int | None:
    taken, weight = _sizes(view, node.input[0]), _sizes(view, node.input[1])
    return None if taken is None or weight is None else math.prod(taken) * math.prod(weight[1:])


def _matmul(view: GraphView, node: onnx.NodeProto) -> int | None:
    left, result = _sizes(view, node.input[0]), _sizes(view, node.output[0])
    transposed = attributes(node).get("transA", 0)
    if left is None or result is None:
        return None
    inner = left[0] if transposed and len(left) == 2 else left[-2] if transposed else left[-1]  # noqa: PLR2004
    return math.prod(result) * inner


def _blockwise(view: GraphView, node: onnx.NodeProto) -> int | None:
    left, own = _sizes(view, node.input[0]), attributes(node)
    return None if left is None else math.prod(left[:-1]) * own.get("K", 0) * own.get("N", 0)


def _einsum(view: GraphView, node: onnx.NodeProto) -> int | None:
    left = attributes(node)["equation"].decode().replace(" ", "").split("->")[0].split(",")
    sizes: dict[str, int] = {}
    for letters, name in zip(left, node.input, strict=False):
        shape = _sizes(view, name)
        if shape is None or "." in letters or len(letters) != len(shape):
            return None
        sizes.update(zip(letters, shape, strict=True))
    return math.prod(sizes.values())


def _recurrent(view: GraphView, node: onnx.NodeProto) -> int | None:
    taken, own, back = (_sizes(view, node.input[place]) for place in (0, 1, 2))
    if taken is None or own is None or back is None:
        return None
    return taken[0] * taken[1] * (math.prod(own) + math.prod(back))


def _fused_attention(view: GraphView, node: onnx.NodeProto) -> int | None:
    """Count the projection of com.microsoft's Attention, then scores and their use."""
    taken, weight = _sizes(view, node.input[0]), _sizes(view, node.input[1])
    if taken is None or weight is None or node.domain != "com.microsoft":
        return None
    batch, length, width = taken
    return batch * length * width * weight[1] + 2 * batch * length * length * weight[1] // 3


_MACS: Mapping[str, Macs] = {
    **dict.fromkeys(("Conv", "ConvInteger", "QLinearConv", "FusedConv", "NhwcFusedConv"), _conv),
    "ConvTranspose": _conv_transpose,
    **dict.fromkeys(
        (
            "MatMul",
            "Gemm",
            "MatMulInteger",
            "QLinearMatMul",
            "FusedMatMul",
            "FusedGemm",
            "DynamicQuantizeMatMul",
            "MatMulIntegerToFloat",
            "QGemm",
        ),
        _matmul,
    ),
    "MatMulNBits": _blockwise,
    "Einsum": _einsum,
    **dict.fromkeys(("RNN", "GRU", "LSTM"), _recurrent),
    **dict.fromkeys(("Attention", "QAttention"), _fused_attention),
}
