"""Recurrent states: outputs that are the inputs of the next step, paired by name and shape."""

import re

import onnx

from pytest_energy.graphs.graph_view import GraphView, shape_of, type_string
from pytest_energy.results.input_plan import StatePair

_STATE = re.compile(
    r"state|past|present|cache|hidden|memory|^[hc]n?_?\d*$|^[hc]_?(?:in|out|0|n)$|_mem", re.IGNORECASE
)
# Words that tell the two ends of one state apart.
_ENDS = re.compile(
    r"past_key_values|present_key_values|past|present|input|output|initial|final|next|prev(?:ious)?|new|old|"
    r"updated|(?<![a-z])(?:in|out)(?![a-z])|(?<=[hc])[0n]$|(?<=state)n$|[^a-z0-9]+",
    re.IGNORECASE,
)


def state_pairs(view: GraphView) -> tuple[StatePair, ...]:
    """Pair inputs with outputs that carry the same state.

    Names decide where what is left of them without words such as past and present is the same; where there is
    exactly one input and one output that speak of a state and have one type and shape, they do without.
    """
    inputs = [each for each in view.inputs if _STATE.search(each.name)]
    outputs = list(view.model.graph.output)
    pairs: list[StatePair] = []
    for taken in inputs:
        fitting = [given for given in outputs if _fits(taken, given)]
        named = [given for given in fitting if _stem(given.name) == _stem(taken.name)]
        alone = fitting if len(inputs) == len(fitting) == 1 and _STATE.search(fitting[0].name) else []
        for given in (named or alone)[:1]:
            pairs.append(StatePair(input=taken.name, output=given.name))
            outputs.remove(given)
    return tuple(pairs)


def _stem(name: str) -> str:
    return _ENDS.sub("", name).lower()


def _fits(taken: onnx.ValueInfoProto, given: onnx.ValueInfoProto) -> bool:
    if type_string(taken.type) != type_string(given.type):
        return False
    one, other = shape_of(taken.type), shape_of(given.type)
    if one is None or other is None:
        return True
    return len(one) == len(other) and all(
        a == b for a, b in zip(one, other, strict=True) if isinstance(a, int) and isinstance(b, int)
    )
