"""The batch: a first dimension that was exported with a fixed size is set free."""

import math
from collections.abc import Collection, Sequence

import numpy as np
from onnx import ModelProto, NodeProto, TensorShapeProto, ValueInfoProto, numpy_helper, shape_inference

from pytest_energy.training.ranks import add_asked_ranks

BATCH = "batch"
"""The symbol of a batch that was set free."""

_COPY, _REST = 0, -1  # what Reshape reads in place of a size


def free_batch(model: ModelProto, inputs: Collection[str], notes: list[str]) -> ModelProto:
    """Return the model with inferred shapes and a symbolic batch, or with the fixed one where that fails.

    Args:
        model: A model with one output.
        inputs: Names of the inputs that are fed.
        notes: Gets a sentence where the batch stays fixed.
    """
    batch = _fixed_batch(model, inputs)
    if batch is None:
        return infer_shapes(_with_batch(model, inputs, None, BATCH))
    freed = _with_free_reshapes(infer_shapes(model), batch)
    if _scales(freed, inputs, batch):
        return infer_shapes(_with_batch(freed, inputs, batch, BATCH))
    notes.append(
        f"The batch stays {batch}, as the model was exported: a size in its graph depends on it. Export it "
        "with a free first dimension to train with other batches."
    )
    return infer_shapes(model)


def infer_shapes(model: ModelProto) -> ModelProto:
    """Return the model with inferred shapes, through shape arithmetic too."""
    inferred = shape_inference.infer_shapes(model, data_prop=True)
    if add_asked_ranks(inferred):
        return shape_inference.infer_shapes(inferred, data_prop=True)
    return inferred


def _fixed_batch(model: ModelProto, inputs: Collection[str]) -> int | None:
    for value in model.graph.input:
        dimensions = value.type.tensor_type.shape.dim
        if value.name in inputs and dimensions:
            return int(dimensions[0].dim_value) if dimensions[0].HasField("dim_value") else None
    return None


def _with_batch(model: ModelProto, inputs: Collection[str], old: int | None, new: int | str) -> ModelProto:
    """Copy a model with another first dimension; where ``old`` is None, only nameless ones are named."""
    copy = ModelProto()
    copy.CopyFrom(model)
    if old is not None:
        del copy.graph.value_info[:]
        copy.graph.output[0].type.tensor_type.ClearField("shape")
    for value in copy.graph.input:
        dimensions = value.type.tensor_type.shape.dim
        if value.name in inputs and dimensions and _is(dimensions[0], old):
            if isinstance(new, int):
                dimensions[0].dim_value = new
            else:
                dimensions[0].dim_param = new
    return copy


def _is(dimension: TensorShapeProto.Dimension, old: int | None) -> bool:
    kind = dimension.WhichOneof("value")
    return kind is None if old is None else kind == "dim_value" and dimension.dim_value == old


def _scales(model: ModelProto, inputs: Collection[str], batch: int) -> bool:
    """Whether the output grows with the batch."""
    try:
        grown = shape_inference.infer_shapes(
            _with_batch(model, inputs, batch, batch + 1), strict_mode=True, data_prop=True
        )
    except shape_inference.InferenceError:
        return False
    dimensions = grown.graph.output[0].type.tensor_type.shape.dim
    return bool(dimensions) and dimensions[0].dim_value == batch + 1


def _with_free_reshapes(model: ModelProto, batch: int) -> ModelProto:
    """Let reshapes to a constant shape take their batch from what they reshape."""
    copy = ModelProto()
    copy.CopyFrom(model)
    shapes = {value.name: _sizes(value) for value in (*copy.graph.value_info, *copy.graph.input)}
    constants = {tensor.name: tensor for tensor in copy.graph.initializer}
    for index, node in enumerate(copy.graph.node):
        if node.op_type != "Reshape" or node.input[1] not in constants or _allows_zero(node):
            continue
        wanted = numpy_helper.to_array(constants[node.input[1]]).tolist()
        free = _free_shape(shapes.get(node.input[0]), wanted, batch)
        if free != wanted:
            name = f"{node.input[1]}/free_{index}"
            copy.graph.initializer.append(numpy_helper.from_array(np.asarray(free, np.int64), name))
            node.input[1] = name
    return copy


def _allows_zero(node: NodeProto) -> bool:
    return any(each.name == "allowzero" and each.i for each in node.attribute)


def _sizes(value: ValueInfoProto) -> list[int] | None:
    dimensions = value.type.tensor_type.shape.dim
    known = [int(each.dim_value) for each in dimensions if each.HasField("dim_value")]
    return known if known and len(known) == len(dimensions) else None


def _free_shape(source: Sequence[int] | None, wanted: list[int], batch: int) -> list[int]:
    """Return the shape with its first size left open, if that holds the batch."""
    if not source or not wanted or wanted[0] <= 0 or source[0] % batch:
        return wanted
    if wanted[0] == source[0] and source[0] == batch:
        return [_COPY, *wanted[1:]]
    heads = {math.prod(source[:count]) for count in range(1, len(source) + 1)}
    if _REST not in wanted and (wanted[0] == batch or wanted[0] in heads):
        return [_REST, *wanted[1:]]
    return wanted
