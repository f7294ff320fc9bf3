"""The shape check: whether sizes can be right, by inferring every shape with them and looking for faults."""

from collections.abc import Callable, Mapping, Sequence

import onnx
import onnx.shape_inference

from pytest_energy.graphs.graph_view import (
    GraphView,
    attributes,
    declared_shapes,
    declared_types,
    innermost,
    view_of,
)

Fault = Callable[[GraphView, onnx.NodeProto], str | None]


def with_sizes(view: GraphView, shapes: Mapping[str, Sequence[int]]) -> tuple[GraphView, int]:
    """Infer the shapes of a graph whose inputs have given shapes.

    Args:
        view: The graph.
        shapes: The shape of every input.

    Returns:
        The graph with the shapes that were inferred, and the number of places where they contradict each
        other or an operator.
    """
    model = _with_inputs(view, shapes)
    try:
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        refused = 0
    except Exception as error:  # noqa: BLE001 - onnx raises several classes, some of its C++ side
        refused = max(1, str(error).count("ShapeInferenceError"))
        inferred = _leniently(model)
    fed = {name: tuple(shape) for name, shape in shapes.items()}
    seen = view_of(view.model, {**declared_shapes(inferred), **fed}, declared_types(inferred))
    return seen, refused + len(faults(seen))


def faults(view: GraphView) -> list[str]:
    """Name every operator whose known shapes it cannot have."""
    found = []
    for node in view.nodes:
        check = _CHECKS.get(node.op_type, _positive)
        fault = check(view, node)
        if fault:
            found.append(f"{node.op_type} {node.name or node.output[0]}: {fault}")
    return found


def _with_inputs(view: GraphView, shapes: Mapping[str, Sequence[int]]) -> onnx.ModelProto:
    model = onnx.ModelProto()
    model.CopyFrom(view.model)
    graph = model.graph
    del graph.value_info[:]
    kept = [tensor for tensor in graph.initializer if tensor.name in view.constants]
    dropped = [tensor for tensor in graph.initializer if tensor.name not in view.constants]
    listed = {each.name for each in graph.input}
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for tensor in dropped:  # its elements are not here: for shapes, a value of known shape will do
        if tensor.name not in listed:
            graph.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            )
    for value in graph.input:
        if value.name in shapes:
            _set_shape(innermost(value.type), shapes[value.name])
    for value in graph.output:
        if value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
    return model


def _set_shape(tensor: onnx.TypeProto.Tensor, shape: Sequence[int]) -> None:
    tensor.ClearField("shape")
    tensor.shape.SetInParent()
    for size in shape:
        tensor.shape.dim.add().dim_value = size


def _leniently(model: onnx.ModelProto) -> onnx.ModelProto:
    try:
        return onnx.shape_inference.infer_shapes(model, data_prop=True)
    except Exception:  # noqa: BLE001 - see above; nothing is known then
        return model


def _positive(view: GraphView, node: onnx.NodeProto) -> str | None:
    for name in node.output:
        shape = view.shape(name)
        if shape and any(isinstance(size, int) and size < 0 for size in shape):
            return f"a result of shape {list(shape)}"
    return None


def _window(view: GraphView, node: onnx.NodeProto) -> str | None:
    for name in node.output[:1]:
        shape = view.shape(name)
        if shape and any(isinstance(size, int) and size <= 0 for size in shape[1:]):
            return f"the kernel is larger than what it slides over, which leaves {list(shape)}"
    return None


def _reflection(view: GraphView, node: onnx.NodeProto) -> str | None:
    shape = view.shape(node.input[0])
    if attributes(node).get("mode", b"constant") != b"reflect" or shape is None:
        return None
    pads = view.constant(node, 1)
    numbers = attributes(node).get("pads", []) if pads is None else [int(pad) for pad in pads.reshape(-1)]
    if len(numbers) != 2 * len(shape):
        return None
    for axis, size in enumerate(shape):
        widest = max(numbers[axis], numbers[axis + len(shape)])
        if isinstance(size, int) and size <= widest:
            return f"{size} elements cannot be reflected {widest} far"
    return None


def _agreement(view: GraphView, node: onnx.NodeProto) -> str | None:
    """Check that operands can be broadcast to each other."""
    shapes = [shape for name in node.input if (shape := view.shape(name)) is not None]
    for sizes in zip(*(tuple(reversed(shape)) for shape in shapes), strict=False):
        known = {size for size in sizes if isinstance(size, int) and size != 1}
        if len(known) > 1:
            return f"sizes {sorted(known)} do not agree"
    return None


def _joint(view: GraphView, node: onnx.NodeProto) -> str | None:
    shapes = [shape for name in node.input if (shape := view.shape(name)) is not None]
    joined = attributes(node).get("axis", 0)
    for axis, sizes in enumerate(zip(*shapes, strict=False)):
        known = {size for size in sizes if isinstance(size, int)}
        if len(known) > 1 and axis != joined % max(1, len(shapes[0])):
            return f"sizes {sorted(known)} of axis {axis} do not agree"
    return None


def _product(view: GraphView, node: onnx.NodeProto) -> str | None:
    left, right = view.shape(node.input[0]), view.shape(node.input[1])
    if not left or not right:
        return None
    inner = (left[-1], right[-2] if len(right) > 1 else right[0])
    known = {size for size in inner if isinstance(size, int)}
    return f"inner sizes {sorted(known)} do not agree" if len(known) > 1 else None


_CHECKS: Mapping[str, Fault] = {
    "Pad": _reflection,
    "Conv": _window,
    "ConvInteger": _window,
    "QLinearConv": _window,
    "FusedConv": _window,
    "MaxPool": _window,
    "AveragePool": _window,
    "Concat": _joint,
    "MatMul": _product,
    "MatMulInteger": _product,
    **dict.fromkeys(
        ("Add", "Sub", "Mul", "Div", "Where", "Equal", "Greater", "Less", "And", "Or"), _agreement
    ),
}
