"""Branches: graphs inside If nodes, whose constants are brought out so that they can be trained."""

from collections.abc import Iterable, Iterator

from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, helper


def nodes_within(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """Yield nodes, and those of all graphs inside them."""
    for node in nodes:
        yield node
        for _, graph in graphs_of(node):
            yield from nodes_within(graph.node)


def graphs_of(node: NodeProto) -> Iterator[tuple[str, GraphProto]]:
    """Yield the graphs that a node holds, by the name of the attribute."""
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.name, attribute.g


def bring_out_constants(graph: GraphProto) -> None:
    """Make constants inside branches nodes of the graph itself, in place.

    They are called after the branch, for the branches of a node may use one name twice.
    """
    made: list[NodeProto] = []
    for node in graph.node:
        if node.op_type == "If":
            made += _brought_out(node)
    if made:
        rest = list(graph.node)
        del graph.node[:]
        graph.node.extend([*made, *rest])


def _brought_out(node: NodeProto) -> list[NodeProto]:
    """Take the constants out of the branches of a node, and return them as nodes."""
    made: list[NodeProto] = []
    for branch, graph in graphs_of(node):
        bring_out_constants(graph)  # those of branches within it come first
        ends = {value.name for value in graph.output}
        constants = [each for each in graph.node if each.op_type == "Constant" and each.output[0] not in ends]
        tensors = [each for each in graph.initializer if each.name not in ends]
        names = [each.output[0] for each in constants] + [each.name for each in tensors]
        new = {name: f"{node.output[0]}/{branch}/{name}" for name in names}
        for constant in constants:
            graph.node.remove(constant)
            constant.output[0] = new[constant.output[0]]
        for tensor in tensors:
            graph.initializer.remove(tensor)
        _rename_inputs(graph, new)
        made += [*constants, *(_as_node(tensor, new[tensor.name]) for tensor in tensors)]
    return made


def _as_node(tensor: TensorProto, name: str) -> NodeProto:
    return helper.make_node("Constant", [], [name], value=tensor)


def _rename_inputs(graph: GraphProto, new: dict[str, str]) -> None:
    for node in nodes_within(graph.node):
        for index, name in enumerate(node.input):
            if name in new:
                node.input[index] = new[name]
