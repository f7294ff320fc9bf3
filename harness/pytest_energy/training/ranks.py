"""Ranks that shape inference cannot tell, and that the operators behind a tensor ask for."""

from collections.abc import Iterator

from onnx import GraphProto, ModelProto, NodeProto, ValueInfoProto, helper

_RECURRENT_RANK = 3


def add_asked_ranks(model: ModelProto) -> bool:
    """Declare the rank of tensors of unknown shape that go into convolutions and recurrent layers, in place.

    An If that squeezes or does not, as PyTorch's scripts are exported, has no rank of its own. Returns
    whether any was added.
    """
    graph = model.graph
    known = {info.name: info for info in (*graph.input, *graph.value_info, *graph.output)}
    added = list(_asked(graph, known))
    for info in added:
        if info.name in known:
            known[info.name].CopyFrom(info)
        else:
            graph.value_info.append(info)
    return bool(added)


def _asked(graph: GraphProto, known: dict[str, ValueInfoProto]) -> Iterator[ValueInfoProto]:
    ranks = {tensor.name: len(tensor.dims) for tensor in graph.initializer}
    for node in graph.node:
        rank = _rank(node, known, ranks)
        name = node.input[0] if node.input else ""
        if rank is None or name in ranks or _has_shape(known.get(name)):
            continue
        kind = known[node.input[1]].type.tensor_type.elem_type if node.input[1] in known else 0
        if kind:
            ranks[name] = rank
            yield helper.make_tensor_value_info(name, kind, [None] * rank)


def _rank(node: NodeProto, known: dict[str, ValueInfoProto], ranks: dict[str, int]) -> int | None:
    """Return the rank that a node asks of its first input; None where it takes any."""
    if node.op_type in {"LSTM", "GRU", "RNN"}:
        return _RECURRENT_RANK
    if node.op_type not in {"Conv", "ConvTranspose"}:
        return None
    weight = known.get(node.input[1])
    if weight is not None and _has_shape(weight):
        return len(weight.type.tensor_type.shape.dim)
    return ranks.get(node.input[1])


def _has_shape(info: ValueInfoProto | None) -> bool:
    return info is not None and info.type.tensor_type.HasField("shape")
