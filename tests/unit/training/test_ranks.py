from onnx import TensorProto, helper

from pytest_energy.training.batch import infer_shapes


def model(*nodes, weight):
    """Begin with an If that takes an axis away, or does not."""
    squeezed = helper.make_graph(
        [helper.make_node("Squeeze", ["x"], ["s"])],
        "then",
        [],
        [helper.make_tensor_value_info("s", TensorProto.FLOAT, None)],
    )
    same = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["i"])],
        "else",
        [],
        [helper.make_tensor_value_info("i", TensorProto.FLOAT, None)],
    )
    chosen = helper.make_node("If", ["c"], ["a"], then_branch=squeezed, else_branch=same)
    graph = helper.make_graph(
        [chosen, *nodes],
        "ranks",
        [
            helper.make_tensor_value_info("c", TensorProto.BOOL, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 4, "m"]),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, weight),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])


def rank(inferred, name):
    infos = {each.name: each for each in (*inferred.graph.value_info, *inferred.graph.output)}
    if name not in infos or not infos[name].type.tensor_type.HasField("shape"):
        return None
    return len(infos[name].type.tensor_type.shape.dim)


def test_a_convolution_tells_the_rank_of_what_it_takes_and_of_what_follows():
    conv = helper.make_node("Conv", ["b", "w"], ["d"])
    relus = helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Relu", ["d"], ["y"])
    inferred = infer_shapes(model(relus[0], conv, relus[1], weight=[6, 4, 3]))
    assert (rank(inferred, "b"), rank(inferred, "y")) == (3, 3)


def test_other_operators_tell_nothing():
    inferred = infer_shapes(model(helper.make_node("Add", ["a", "w"], ["y"]), weight=[4, 3]))
    assert rank(inferred, "y") is None
