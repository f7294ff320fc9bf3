"""Sequences: a tensor that is split into a sequence and taken apart again is split into tensors instead."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper


def without_sequences(model: ModelProto) -> None:
    """Replace SplitToSequence whose parts are all picked by constant positions, as PyTorch exports chunks.

    In place. What cannot be replaced stays, and has no gradient.
    """
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    readers: dict[str, list[NodeProto]] = defaultdict(list)
    for node in model.graph.node:
        for name in node.input:
            readers[name].append(node)
    replaced: dict[str, list[NodeProto]] = {}
    gone: set[str] = set()
    for node in model.graph.node:
        if node.op_type == "SplitToSequence":
            new = _split(node, readers[node.output[0]], constants, model)
            if new:
                replaced[node.output[0]] = new
                gone.update(reader.output[0] for reader in readers[node.output[0]])
    kept = [
        new
        for node in model.graph.node
        if node.output[0] not in gone
        for new in replaced.get(node.output[0], [node])
    ]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def _split(
    node: NodeProto, readers: list[NodeProto], constants: Mapping[str, TensorProto], model: ModelProto
) -> list[NodeProto]:
    """Return the Split that does the same; nothing where it cannot be told to."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if not attributes.get("keepdims", 1) and len(node.input) == 1:
        return []
    if any(each.op_type != "SequenceAt" or each.input[1] not in constants for each in readers):
        return []
    positions = [int(numpy_helper.to_array(constants[each.input[1]])) for each in readers]
    sizes = _sizes(node, constants)
    if sizes is None or min(positions, default=-1) < 0 or len(set(positions)) < len(positions):
        return []
    count = len(sizes) if len(sizes) > 1 else max(positions) + 1
    outputs = [f"{node.output[0]}/{index}" for index in range(count)]
    for position, reader in zip(positions, readers, strict=True):
        outputs[position] = reader.output[0]
    name = f"{node.output[0]}/sizes"
    sizes = sizes if len(sizes) > 1 else sizes * count
    model.graph.initializer.append(numpy_helper.from_array(np.asarray(sizes, np.int64), name))
    return [
        helper.make_node("Split", [node.input[0], name], outputs, node.name, axis=attributes.get("axis", 0))
    ]


def _sizes(node: NodeProto, constants: Mapping[str, TensorProto]) -> list[int] | None:
    """Return the sizes of the parts; one where all are that long."""
    if len(node.input) == 1:
        return [1]
    if node.input[1] not in constants:
        return None
    return [int(size) for size in numpy_helper.to_array(constants[node.input[1]]).reshape(-1)]
