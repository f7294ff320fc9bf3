"""Preparation: an inference model is brought into the form that a training step is built from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    helper,
    inliner,
    numpy_helper,
    shape_inference,
    version_converter,
)

from pytest_energy.errors import ModelError
from pytest_energy.training.batch import free_batch
from pytest_energy.training.branches import bring_out_constants, nodes_within
from pytest_energy.training.forward import FLOATS, needed_nodes, reads
from pytest_energy.training.integers import constant_result
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.registry import gradient_of, is_without_gradient, training_form_of
from pytest_energy.training.sequences import without_sequences

OPSET = 18
"""The oldest operator set that rules are written for: axes of reductions are inputs from there on."""

_INLINE_SIZE = 16  # smaller constants stay in the graph, where shape inference and the converter read them
_MOST_FILLED = 1 << 28  # elements of a ConstantOfShape that is made at once, against a bomb of zeros
_ZERO = np.zeros((), np.float32)  # what ConstantOfShape fills with by default


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A model ready to be differentiated.

    Attributes:
        model: The model without its weights, which are inputs of the graph; shapes are inferred.
        weights: Every floating-point constant by name, whether it stayed in the graph or not.
        inputs: Names of the inputs that are fed.
        output: Name of the output that the loss is taken of.
        notes: What a user should know.
    """

    model: ModelProto
    weights: dict[str, TensorProto]
    inputs: tuple[str, ...]
    output: str
    notes: list[str] = field(default_factory=list)


def prepare(
    model: ModelProto, strips: Iterable[str], output: str | None = None, lowering: Lowering = Lowering.CPU
) -> Prepared:
    """Bring a model into the form that a step is built from; the model itself stays as it is.

    Args:
        model: An inference model, with its external data loaded.
        strips: Operators at its end that the loss contains.
        output: Name of the output to train on; None for the first.
        lowering: What the rules are chosen for: functions with no rule are expanded.

    Raises:
        ModelError: It cannot be upgraded, or it has no floating-point output.
    """
    light, weights = without_weights(model)
    light = inliner.inline_local_functions(light) if light.functions else light
    bring_out_constants(light.graph)
    _fold_constants(light, weights)
    without_sequences(light)
    end = _stripped(light, _output(light, output), frozenset(strips))
    light = _upgraded(light, end)
    light = without_functions(light, lowering)
    _fold_constants(light, weights)
    notes: list[str] = []
    inputs = tuple(value.name for value in light.graph.input if value.name not in weights)
    light = free_batch(light, inputs, notes)
    return Prepared(model=light, weights=weights, inputs=inputs, output=end, notes=notes)


def without_weights(model: ModelProto) -> tuple[ModelProto, dict[str, TensorProto]]:
    """Return a copy in which floating-point constants are inputs, save small ones, and all such constants.

    Inputs that have an initializer, as old models have for every weight, become constants.
    """
    light = ModelProto()
    for name in ("ir_version", "producer_name", "domain", "model_version"):
        setattr(light, name, getattr(model, name))
    light.opset_import.extend(model.opset_import)
    light.functions.extend(model.functions)
    graph, source = light.graph, model.graph
    graph.name = source.name or "graph"
    graph.node.extend(source.node)
    graph.output.extend(source.output)
    graph.value_info.extend(source.value_info)
    initialized = {tensor.name for tensor in source.initializer}
    graph.input.extend(value for value in source.input if value.name not in initialized)
    weights: dict[str, TensorProto] = {}
    for tensor in source.initializer:
        _add_constant(light, tensor, weights)
    light.ir_version = max(light.ir_version, 8)
    return light, weights


def _add_constant(light: ModelProto, tensor: TensorProto, weights: dict[str, TensorProto]) -> None:
    is_float = tensor.data_type in FLOATS
    if is_float:
        weights[tensor.name] = tensor
    if is_float and np.prod(tensor.dims) > _INLINE_SIZE:
        light.graph.input.append(
            helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
        )
    else:
        light.graph.initializer.append(tensor)


def _fold_constants(light: ModelProto, weights: dict[str, TensorProto]) -> None:
    """Turn Constant, and what is made of constant integers, into initializers; drop Identity of these."""
    initializers = {tensor.name: tensor for tensor in light.graph.initializer}
    opset = _opset(light)
    aliases: dict[str, str] = {}
    kept: list[NodeProto] = []
    for node in light.graph.node:
        tensor = _folded(node, initializers, opset)
        if tensor is not None:
            initializers[tensor.name] = tensor
            _add_constant(light, tensor, weights)
        elif node.op_type == "Identity" and _is_constant(node.input[0], initializers, weights, light):
            aliases[node.output[0]] = aliases.get(node.input[0], node.input[0])
        else:
            kept.append(node)
    del light.graph.node[:]
    light.graph.node.extend(kept)
    for node in light.graph.node:
        for index, name in enumerate(node.input):
            if name in aliases:
                node.input[index] = aliases[name]


def _is_constant(
    name: str, initializers: dict[str, TensorProto], weights: dict[str, TensorProto], light: ModelProto
) -> bool:
    outputs = {value.name for value in light.graph.output}
    return (name in initializers or name in weights) and name not in outputs


def _folded(node: NodeProto, initializers: dict[str, TensorProto], opset: int) -> TensorProto | None:
    if node.domain not in {"", "ai.onnx"}:
        return None
    attributes: dict[str, Any] = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if node.op_type == "Constant":
        return _constant(node.output[0], attributes)
    if node.op_type == "ConstantOfShape" and node.input[0] in initializers:
        shape = numpy_helper.to_array(initializers[node.input[0]]).tolist()
        if np.prod(shape, dtype=np.float64) <= _MOST_FILLED:
            value = numpy_helper.to_array(attributes["value"]) if "value" in attributes else _ZERO
            return numpy_helper.from_array(np.full(shape, value.reshape(())), node.output[0])
    return constant_result(node, initializers, opset)


def _constant(name: str, attributes: dict[str, object]) -> TensorProto | None:
    """Return the tensor that a Constant node stands for; None for strings and sparse ones."""
    kind, value = next(iter(attributes.items()))
    if kind == "value" and isinstance(value, TensorProto):
        tensor = TensorProto()
        tensor.CopyFrom(value)
        tensor.name = name
        return tensor
    if kind in {"value_float", "value_floats"}:
        return numpy_helper.from_array(np.asarray(value, np.float32), name)
    if kind in {"value_int", "value_ints"}:
        return numpy_helper.from_array(np.asarray(value, np.int64), name)
    return None


def _output(light: ModelProto, name: str | None) -> str:
    names = [value.name for value in light.graph.output]
    floats: list[str] = [
        value.name for value in light.graph.output if value.type.tensor_type.elem_type in FLOATS
    ]
    if name is None and floats:
        return floats[0]
    if name in names:
        return str(name)
    raise ModelError(
        f"The model has no floating-point output {name or ''!r} to train on; its outputs are "
        f"{', '.join(names)}. Name one of them."
    )


def _stripped(light: ModelProto, output: str, strips: frozenset[str]) -> str:
    """Return the name of what goes into the last operator, where the loss contains that operator."""
    makers = {name: node for node in light.graph.node for name in node.output}
    node = makers.get(output)
    while node is not None and node.op_type == "Identity":
        node = makers.get(node.input[0])
    return node.input[0] if node is not None and node.op_type in strips else output


def _upgraded(light: ModelProto, end: str) -> ModelProto:
    """Keep only what leads to the end, and upgrade it to the operator set of the rules."""
    kept = needed_nodes(light.graph.node, [end])
    used = {name for node in kept for name in reads(node)}
    for values in (light.graph.input, light.graph.initializer):
        left = [value for value in values if value.name in used]
        del values[:]
        values.extend(left)
    del light.graph.node[:]
    light.graph.node.extend(kept)
    version = _opset(light)
    _set_end(light, end)
    if version >= OPSET:
        return light
    try:
        upgraded = version_converter.convert_version(light, OPSET)
    except Exception as error:  # the converter raises what C++ threw, RuntimeError among others
        raise ModelError(
            f"The model uses operator set {version}, and upgrading it to {OPSET} failed: {error}. Export it "
            f"again with operator set {OPSET} or newer."
        ) from error
    _set_end(upgraded, end)
    return upgraded


def _opset(light: ModelProto) -> int:
    versions = {entry.domain: entry.version for entry in light.opset_import}
    return int(versions.get("", versions.get("ai.onnx", 1)))


def _set_end(light: ModelProto, end: str) -> None:
    """Make the end the only output."""
    known = next((value for value in light.graph.output if value.name == end), None)
    info = known or _inferred(light, end)
    del light.graph.output[:]
    light.graph.output.append(info)


def _inferred(light: ModelProto, name: str) -> ValueInfoProto:
    inferred = shape_inference.infer_shapes(light)
    known = {value.name: value for value in inferred.graph.value_info}
    return known.get(name) or helper.make_tensor_value_info(name, TensorProto.FLOAT, None)


def without_functions(light: ModelProto, lowering: Lowering) -> ModelProto:
    """Expand operators that ONNX defines by others and that have no rule of their own."""
    operators = {node.op_type for node in nodes_within(light.graph.node)}
    kept = {
        ("", operator)
        for operator in operators
        if gradient_of("", operator, lowering)
        or training_form_of("", operator, lowering)
        or is_without_gradient("", operator)
    }
    if len(kept) == len(operators):
        return light
    inferred = shape_inference.infer_shapes(light)
    try:
        return _inlined(inferred, kept)
    except RuntimeError:  # the inliner does not know the types of constants of functions inside branches
        around = {node.op_type for node in light.graph.node}
        return _inlined(inferred, kept | {("", operator) for operator in operators - around})


def _inlined(light: ModelProto, kept: set[tuple[str, str]]) -> ModelProto:
    return inliner.inline_selected_functions(light, sorted(kept), exclude=True, inline_schema_functions=True)
