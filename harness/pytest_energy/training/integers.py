"""Arithmetic on constant integers, done once: shape inference cannot follow all of it."""

from collections.abc import Mapping

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

_INTEGERS = frozenset({TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL})
_MOST_ELEMENTS = 64
_ARITHMETIC = frozenset({
    "Abs", "Add", "Cast", "Concat", "Div", "Equal", "Expand", "Gather", "Max", "Min", "Mod", "Mul", "Neg",
    "Not", "Range", "ReduceProd", "Reshape", "Shape", "Size", "Slice", "Squeeze", "Sub", "Unsqueeze", "Where",
})  # fmt: skip


def constant_result(
    node: NodeProto, initializers: Mapping[str, TensorProto], opset: int
) -> TensorProto | None:
    """Return what a node makes of a few constant integers; None where it takes anything else.

    Args:
        node: A node of ONNX's own domain.
        initializers: The constants of its graph.
        opset: The version of the operator set.
    """
    is_arithmetic = node.op_type in _ARITHMETIC and len(node.output) == 1
    if not is_arithmetic or not all(_is_short(initializers.get(name)) for name in node.input if name):
        return None
    from onnx.reference import ReferenceEvaluator  # noqa: PLC0415 - it takes a while, and few models need it

    names = [name for name in dict.fromkeys(node.input) if name]
    inputs = [helper.make_tensor_value_info(name, initializers[name].data_type, None) for name in names]
    output = helper.make_tensor_value_info(node.output[0], TensorProto.UNDEFINED, None)
    graph = helper.make_graph([node], "integers", inputs, [output])
    model = helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", opset)])
    values = {name: numpy_helper.to_array(initializers[name]) for name in names}
    (result,) = ReferenceEvaluator(model).run(None, values)
    made = numpy_helper.from_array(np.asarray(result), node.output[0])
    return made if made.data_type in _INTEGERS else None


def _is_short(tensor: TensorProto | None) -> bool:
    return tensor is not None and tensor.data_type in _INTEGERS and np.prod(tensor.dims) <= _MOST_ELEMENTS
