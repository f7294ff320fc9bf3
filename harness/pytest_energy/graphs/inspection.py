"""Inspection: what a graph says of itself, gathered into one record."""

import math
from collections import Counter
from pathlib import Path

import onnx

from pytest_energy.graphs.costs import bytes_of_tensor, work_of
from pytest_energy.graphs.free_sizes import SizedInputs
from pytest_energy.graphs.graph_view import GraphView, shape_of, type_string, view_of
from pytest_energy.results.input_plan import InputPlan
from pytest_energy.results.inspection import Inspection, Value

_QUANTIZED = (
    ("QLinear", "QOperator: its operators compute with quantized numbers"),
    ("MatMulNBits", "weights in blocks of a few bits (MatMulNBits)"),
    ("GatherBlockQuantized", "weights in blocks of a few bits"),
    ("DynamicQuantize", "dynamic: activations are quantized at every step"),
    ("MatMulInteger", "dynamic: activations are quantized at every step"),
    ("ConvInteger", "dynamic: activations are quantized at every step"),
    ("QuantizeLinear", "QDQ: quantized numbers between QuantizeLinear and DequantizeLinear"),
    ("DequantizeLinear", "weights only: they are dequantized before use"),
)


def inspect(
    path: Path, model: onnx.ModelProto, view: GraphView, sized: SizedInputs, plan: InputPlan
) -> Inspection:
    """Gather the record.

    Args:
        path: The file.
        model: The model as it was read.
        view: Its graph.
        sized: Its graph with the shapes of one step.
        plan: What would be fed.
    """
    whole = view_of(model)
    weights = _weights(whole)
    types: Counter[str] = Counter()
    for tensor in weights:
        types[onnx.TensorProto.DataType.Name(tensor.data_type).lower()] += math.prod(tensor.dims)
    operators = Counter(_operator(node) for node in whole.nodes if node.op_type != "Constant")
    return Inspection(
        ir_version=model.ir_version,
        producer=f"{model.producer_name} {model.producer_version}".strip(),
        opsets={each.domain or "ai.onnx": each.version for each in model.opset_import},
        size_bytes=path.stat().st_size,
        external_bytes=sum(
            bytes_of_tensor(each) for each in weights if each.data_location == onnx.TensorProto.EXTERNAL
        ),
        parameters=sum(types.values()),
        weight_bytes=sum(map(bytes_of_tensor, weights)),
        weight_types=dict(types.most_common()),
        operators=dict(operators.most_common()),
        quantization=_quantization(operators),
        inputs=tuple(map(_value, view.inputs)),
        outputs=tuple(map(_value, view.model.graph.output)),
        work=work_of(sized.view),
        plan=plan,
    )


def _weights(view: GraphView) -> list[onnx.TensorProto]:
    """Return the tensors that are stored in a model, wherever they stand."""
    found = list(view.model.graph.initializer)
    for node in view.nodes:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.name == "value":
                found.append(attribute.t)
            found += attribute.g.initializer
    return found


def _operator(node: onnx.NodeProto) -> str:
    return node.op_type if node.domain in {"", "ai.onnx"} else f"{node.domain}.{node.op_type}"


def _quantization(operators: Counter[str]) -> str | None:
    for part, meaning in _QUANTIZED:
        if any(part in name for name in operators):
            return meaning
    return None


def _value(value: onnx.ValueInfoProto) -> Value:
    return Value(name=value.name, type=type_string(value.type), shape=shape_of(value.type))
