"""Indices: whole numbers that must stay inside what they index."""

import math

from pytest_energy.graphs.flow import Use
from pytest_energy.graphs.graph_view import GraphView, attributes
from pytest_energy.graphs.operand_rules import Verdict, below, rule, shown, sure
from pytest_energy.results.input_plan import Fill


@rule(
    {
        "Gather": (1,),
        "GatherElements": (1,),
        "ScatterElements": (1,),
        "Scatter": (1,),
        "ArrayFeatureExtractor": (1,),
    }
)
def _index(view: GraphView, use: Use) -> Verdict | None:
    table = use.node.input[0]
    shape = view.shape(table)
    axis = attributes(use.node).get("axis", -1 if use.node.op_type == "ArrayFeatureExtractor" else 0)
    size = shape[axis] if shape and -len(shape) <= axis < len(shape) else None
    kind = "permutation" if use.node.op_type.startswith("Scatter") else "integers"
    return below(use, size, f"{use.node.op_type} on {shown(table)}", kind)


@rule({"GatherND": (1,), "ScatterND": (1,)})
def _tuple_index(view: GraphView, use: Use) -> Verdict | None:
    table, indices = view.shape(use.node.input[0]), view.shape(use.node.input[1])
    skipped = attributes(use.node).get("batch_dims", 0)
    if not table or not indices or not isinstance(indices[-1], int):
        return None
    indexed = [size for size in table[skipped : skipped + indices[-1]] if isinstance(size, int)]
    return below(use, min(indexed, default=None), f"{use.node.op_type} on {shown(use.node.input[0])}")


@rule({"EmbedLayerNormalization": (0, 1, 8), "SkipLayerNormalization": ()})
def _embedding(view: GraphView, use: Use) -> Verdict | None:
    table = use.node.input[{0: 2, 1: 4, 8: 3}[use.place]]
    shape = view.shape(table)
    return below(use, shape[0] if shape else None, f"{use.node.op_type} on {shown(table)}")


@rule({"GatherBlockQuantized": (1,)})
def _quantized_table(view: GraphView, use: Use) -> Verdict | None:
    shape = view.shape(use.node.input[0])
    axis = attributes(use.node).get("gather_axis", 0)
    return below(use, shape[axis] if shape else None, f"{use.node.op_type} on {shown(use.node.input[0])}")


@rule({"OneHot": (0,)})
def _hot_index(view: GraphView, use: Use) -> Verdict | None:
    depth = view.constant(use.node, 1)
    bound = int(depth.reshape(-1)[0]) if depth is not None and depth.size else None
    if bound is None:
        declared = view.shape(use.node.output[0])
        axis = attributes(use.node).get("axis", -1)
        size = declared[axis] if declared else None
        bound = size if isinstance(size, int) else None
    return below(use, bound, "depth of OneHot")


@rule({"NegativeLogLikelihoodLoss": (1,), "SoftmaxCrossEntropyLoss": (1,)})
def _label(view: GraphView, use: Use) -> Verdict | None:
    shape = view.shape(use.node.input[0])
    return below(use, shape[1] if shape and len(shape) > 1 else None, f"classes of {use.node.op_type}")


@rule({"MaxUnpool": (1,)})
def _unpool_index(view: GraphView, use: Use) -> Verdict | None:
    shape = view.shape(use.node.input[1])
    known = [size for size in shape or () if isinstance(size, int)]
    return sure("permutation", 0, math.prod(known[2:]) or 1, "places inside the smallest unpooled tensor")


@rule({"LSTM": (4,), "GRU": (4,), "RNN": (4,), "ReverseSequence": (1,)})
def _sequence_length(view: GraphView, use: Use) -> Verdict | None:
    shape = view.shape(use.node.input[0])
    axis = attributes(use.node).get("time_axis", 0) if use.node.op_type == "ReverseSequence" else 0
    size = shape[axis] if shape else None
    reason = f"lengths within the sequence of {use.node.op_type}"
    if isinstance(size, int):
        return Fill(kind="lengths", low=1, high=size + 1, sure=True), reason
    return Fill(kind="lengths", low=1, high_of=size), reason


INDEXING = frozenset(
    {
        ("Gather", 1),
        ("GatherElements", 1),
        ("GatherND", 1),
        ("GatherBlockQuantized", 1),
        ("ArrayFeatureExtractor", 1),
        ("EmbedLayerNormalization", 0),
        ("EmbedLayerNormalization", 1),
        ("EmbedLayerNormalization", 8),
        ("OneHot", 0),
    }
)
"""Operators and places that take whole numbers as places in a table."""
