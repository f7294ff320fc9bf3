"""Mutations: small models that run, and what is done to them: rewired, inflated, renamed, damaged."""

import random
from collections.abc import Callable, Iterator

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL

Mutation = Callable[[onnx.ModelProto, random.Random], None]


def value(name: str, kind: int = FLOAT, shape: object = ("n", 4)) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, weights=(), inputs=None, outputs=None) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "graph",
        inputs or [value("x")],
        outputs or [value("y", shape=None)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in weights],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def seeds() -> list[onnx.ModelProto]:
    """Return small models of many kinds, which all run."""
    node = helper.make_node
    branch = {
        f"{which}_branch": helper.make_graph([node(kind, ["x"], [which])], which, [], [value(which)])
        for which, kind in (("then", "Sin"), ("else", "Cos"))
    }
    body = helper.make_graph(
        [node("Identity", ["c"], ["on"]), node("Sin", ["v"], ["w"])],
        "body",
        [value("i", INT, ()), value("c", BOOL, ()), value("v")],
        [value("on", BOOL, ()), value("w")],
    )
    image = [value("x", FLOAT, ["n", 3, "h", "w"])]
    ids = [value("x", INT, ["n", "length"])]
    return [
        model([node("Gemm", ["x", "w", "b"], ["h"]), node("Relu", ["h"], ["y"])],
              [("w", np.ones((4, 5), np.float32)), ("b", np.zeros(5, np.float32))]),
        model([node("Conv", ["x", "k"], ["h"], pads=[1, 1, 1, 1]), node("GlobalAveragePool", ["h"], ["y"])],
              [("k", np.ones((2, 3, 3, 3), np.float32))], inputs=image),
        model([node("Gather", ["t", "x"], ["h"]), node("Softmax", ["h"], ["y"])],
              [("t", np.ones((11, 8), np.float32))], inputs=ids),
        model([node("Loop", ["m", "t", "x"], ["y"], body=body)], [("m", np.int64(3)), ("t", np.array(True))]),
        model([node("ReduceSum", ["x"], ["s"], keepdims=0), node("Greater", ["s", "z"], ["c"]),
               node("If", ["c"], ["y"], **branch)], [("z", np.float32(0))]),
        model([node("ConstantOfShape", ["s"], ["y"])], [("s", np.array([2, 3]))]),
        model([node("Reshape", ["x", "s"], ["h"]), node("Transpose", ["h"], ["y"])],
              [("s", np.array([-1, 2, 2]))]),
        model([node("Expand", ["x", "s"], ["h"]), node("TopK", ["h", "k"], ["y", "i"])],
              [("s", np.array([1, 4])), ("k", np.array([2]))]),
        model([node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
               node("MatMulInteger", ["q", "w", "z"], ["i"]), node("Cast", ["i"], ["y"], to=FLOAT)],
              [("w", np.ones((4, 3), np.uint8))]),
        model([node("SplitToSequence", ["x"], ["s"], axis=1),
               node("ConcatFromSequence", ["s"], ["y"], axis=0)]),
        model([node("Gelu", ["x"], ["y"], domain="com.microsoft")]),
        model([node("Resize", ["x", "", "r"], ["y"])], [("r", np.array([1, 1, 2, 2], np.float32))],
              inputs=image),
        model([node("LSTM", ["x", "w", "r"], ["y"], hidden_size=2)],
              [("w", np.ones((1, 8, 4), np.float32)), ("r", np.ones((1, 8, 2), np.float32))],
              inputs=[value("x", FLOAT, ["length", "n", 4])]),
    ]  # fmt: skip


HUGE = (0, 1, -1, 7, 2**31 - 1, 2**31, 2**40, 2**62, -(2**63), 2**63 - 1)
OPERATORS = sorted({each.name for each in onnx.defs.get_all_schemas() if each.domain == ""})
NAMES = (
    "",
    "x",
    "y",
    "\x1b[31mred",
    "::error::no",
    "a/b:c d",
    "|<b>`",
    '{"a": "' + "j" * 150 + '"}',
    "\u202egnp",
    "n" * 5000,
)


def graphs_of(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs_of(attribute.g)


def any_graph(found: onnx.ModelProto, draw: random.Random) -> onnx.GraphProto:
    return draw.choice(list(graphs_of(found.graph)))


def any_node(found: onnx.ModelProto, draw: random.Random) -> onnx.NodeProto:
    nodes = [node for graph in graphs_of(found.graph) for node in graph.node]
    return draw.choice(nodes) if nodes else found.graph.node.add(op_type="Identity")


def absurd_shape(found: onnx.ModelProto, draw: random.Random) -> None:
    values = [*found.graph.input, *found.graph.output]
    shape = draw.choice(values).type.tensor_type.shape
    for dim in shape.dim:
        if draw.random() < 0.5:
            dim.dim_value = draw.choice(HUGE)
    if draw.random() < 0.2:
        shape.dim.add().dim_param = draw.choice(NAMES)


def absurd_weights(found: onnx.ModelProto, draw: random.Random) -> None:
    if not found.graph.initializer:
        return
    weight = draw.choice(found.graph.initializer)
    match draw.randrange(5):
        case 0:
            weight.data_type = draw.randrange(30)
        case 1:
            del weight.dims[:]
            weight.dims.extend(draw.choice(HUGE) for _ in range(draw.randrange(4)))
        case 2:
            weight.raw_data = draw.randbytes(draw.randrange(64))
        case 3:
            array = np.full(3, draw.choice(HUGE), np.int64)
            weight.CopyFrom(numpy_helper.from_array(array, weight.name))
        case _:
            weight.data_location = TensorProto.EXTERNAL
            weight.external_data.add(
                key="location", value=draw.choice(("../x", "/etc/passwd", "gone", ".", ""))
            )


def rewired(found: onnx.ModelProto, draw: random.Random) -> None:
    """Make cycles, dangling ends, and names that are given twice."""
    names = [name for node in found.graph.node for name in (*node.input, *node.output)] or ["x"]
    node = any_node(found, draw)
    side = draw.choice((node.input, node.output))
    match draw.randrange(3):
        case 0 if side:
            side[draw.randrange(len(side))] = draw.choice(names)
        case 1:
            side.append(draw.choice([*names, *NAMES]))
        case _ if side:
            del side[draw.randrange(len(side))]


def other_operator(found: onnx.ModelProto, draw: random.Random) -> None:
    any_node(found, draw).op_type = draw.choice(OPERATORS)


def absurd_attribute(found: onnx.ModelProto, draw: random.Random) -> None:
    node = any_node(found, draw)
    if node.attribute and draw.random() < 0.7:
        attribute = draw.choice(node.attribute)
        attribute.i = draw.choice(HUGE)
        attribute.f = draw.choice((0.0, float("nan"), float("inf"), -1e38))
        for place in range(len(attribute.ints)):
            attribute.ints[place] = draw.choice(HUGE)
        if draw.random() < 0.3:
            attribute.type = draw.randrange(15)
    else:
        name = draw.choice(("axis", "axes", "pads", "to", "perm", "kernel_shape", "group", "hidden_size"))
        node.attribute.append(
            helper.make_attribute(name, draw.choice(([draw.choice(HUGE)], draw.choice(HUGE))))
        )


def more_nodes(found: onnx.ModelProto, draw: random.Random) -> None:
    graph = any_graph(found, draw)
    for _ in range(draw.choice((1, 5, 200))):
        graph.node.add(
            op_type=draw.choice(OPERATORS), input=["x"] * draw.randrange(3), output=[f"o{draw.random()}"]
        )


def endless(found: onnx.ModelProto, draw: random.Random) -> None:
    for node in found.graph.node:
        if node.op_type == "Loop" and len(node.input) > 1:
            node.input[0] = ""
    for weight in found.graph.initializer:
        if weight.name == "m":
            weight.CopyFrom(numpy_helper.from_array(np.int64(draw.choice((2**62, 10**9))), "m"))


def nested(found: onnx.ModelProto, draw: random.Random) -> None:
    """Put the graph into branches of branches."""
    depth = draw.choice((1, 3, 10, 40))
    for level in range(depth):
        inner = onnx.GraphProto()
        inner.CopyFrom(found.graph)
        del inner.input[:]
        inner.name = f"level {level}"
        outer = helper.make_node(
            "If", ["on"], [each.name for each in inner.output], then_branch=inner, else_branch=inner
        )
        del found.graph.node[:]
        found.graph.node.append(outer)
        if found.ByteSize() > 1 << 20:
            break
    found.graph.input.append(value("on", BOOL, ()))


def renamed(found: onnx.ModelProto, draw: random.Random) -> None:
    name = draw.choice(NAMES)
    old = draw.choice([each.name for each in (*found.graph.input, *found.graph.output)] or [""])
    for each in (*found.graph.input, *found.graph.output, *found.graph.initializer):
        each.name = name if each.name == old else each.name
    for node in found.graph.node:
        for side in (node.input, node.output):
            for place, known in enumerate(side):
                side[place] = name if known == old else known


def other_types(found: onnx.ModelProto, draw: random.Random) -> None:
    draw.choice([*found.graph.input, *found.graph.output]).type.tensor_type.elem_type = draw.randrange(25)


def other_versions(found: onnx.ModelProto, draw: random.Random) -> None:
    found.ir_version = draw.choice((0, 3, 10, 99, 2**62))
    found.opset_import[0].version = draw.choice((0, 1, 7, 13, 21, 99, -1))


MUTATIONS: tuple[Mutation, ...] = (
    absurd_shape, absurd_weights, rewired, other_operator, absurd_attribute, more_nodes, endless, nested,
    renamed, other_types, other_versions,
)  # fmt: skip


def damaged(data: bytes, draw: random.Random) -> bytes:
    """Flip, cut, repeat and fill in bytes."""
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8, 64))):
        place = draw.randrange(len(data) or 1)
        match draw.randrange(5):
            case 0:
                data[place : place + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[place : place + draw.choice((1, 2, 16, len(data)))]
            case 2:
                data[place:place] = data[place : place + draw.randrange(64)]
            case 3:
                data[place:place] = b"\xff" * draw.randrange(11) + b"\x01"
            case _:
                data[place:place] = draw.randbytes(draw.randrange(9))
    return bytes(data)


def mutants(draw: random.Random) -> Iterator[tuple[str, bytes]]:
    """Yield models without end, each with what was done to it."""
    known = seeds()
    while True:
        found = onnx.ModelProto()
        found.CopyFrom(draw.choice(known))
        done = []
        for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
            mutation = draw.choice(MUTATIONS)
            try:
                mutation(found, draw)
            except (ValueError, TypeError, DecodeError):  # a value that its field cannot hold
                continue
            done.append(mutation.__name__)
        data = found.SerializeToString()
        if not done or draw.random() < 0.2:
            data, done = damaged(data, draw), [*done, "damaged"]
        yield done[-1], data
