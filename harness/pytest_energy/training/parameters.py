"""Parameters: which constants of a model are trained, which are statistics, and which stay as they are."""

import fnmatch
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, numpy_helper

from pytest_energy.training.branches import nodes_within
from pytest_energy.training.forward import reads
from pytest_energy.training.preparation import Prepared
from pytest_energy.training.step_description import Copied

_LEARNED: Mapping[str, tuple[int, ...]] = {
    "BatchNormalization": (1, 2),
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "GRU": (1, 2, 3),
    "Gemm": (1, 2),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LSTM": (1, 2, 3),
    "LayerNormalization": (1, 2),
    "PRelu": (1,),
    "RMSNormalization": (1,),
    "RNN": (1, 2, 3),
}
"""Inputs that hold what was learned, however small it is."""

_STATISTICS: Mapping[str, tuple[int, ...]] = {"BatchNormalization": (3, 4)}
_BOUND = 1e30  # masks hold minus infinity, or the most negative number


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Constants by what becomes of them.

    Attributes:
        trained: Names of the tensors that the optimizer updates, in the order of the model.
        frozen: Names of those that a pattern excluded.
        statistics: Names of running means and variances.
        tied: Names of trained tensors that several nodes use.
    """

    trained: tuple[str, ...]
    frozen: tuple[str, ...]
    statistics: tuple[str, ...]
    tied: tuple[str, ...]


def find_parameters(prepared: Prepared, frozen: Iterable[str]) -> Parameters:
    """Tell parameters from other constants.

    Args:
        prepared: The model.
        frozen: Patterns of names, as the shell has them (``features.*``), that are not trained.
    """
    nodes = prepared.model.graph.node
    learned, statistics = _at(nodes, _LEARNED), _at(nodes, _STATISTICS)
    candidates = [
        name
        for name, tensor in prepared.weights.items()
        if name not in statistics and (name in learned or _looks_learned(tensor))
    ]
    patterns = tuple(frozen)
    excluded = {name for name in candidates if any(fnmatch.fnmatchcase(name, each) for each in patterns)}
    uses = Counter(name for node in nodes for name in reads(node))
    trained = tuple(name for name in candidates if name not in excluded and uses[name])
    return Parameters(
        trained=trained,
        frozen=tuple(name for name in candidates if name in excluded),
        statistics=tuple(name for name in prepared.weights if name in statistics),
        tied=tuple(name for name in trained if uses[name] > 1),
    )


def _at(nodes: Iterable[NodeProto], places: Mapping[str, tuple[int, ...]]) -> set[str]:
    return {
        node.input[index]
        for node in nodes_within(nodes)
        for index in places.get(node.op_type, ())
        if index < len(node.input) and node.input[index]
    }


def _looks_learned(tensor: TensorProto) -> bool:
    """Whether a constant has more than one element, and none that only a mask would have."""
    if np.prod(tensor.dims) <= 1:
        return False
    array = numpy_helper.to_array(tensor)
    return bool(np.abs(array).max() < _BOUND)


def untie_vectors(model: ModelProto, weights: dict[str, TensorProto]) -> tuple[Copied, ...]:
    """Give every normalisation its own scale, shift and statistics, in place.

    Exporters keep equal constants once, so that all fresh scales, which are ones, become one tensor; no
    model is meant to share them. Returns what was copied.
    """
    seen: set[str] = set()
    copied: list[Copied] = []
    for node in model.graph.node:
        for index in _own(node):
            name = node.input[index]
            if name in seen and name in weights and _is_uniform(weights[name]):
                node.input[index] = _copy(model, weights, name, f"{node.output[0]}/{index}")
                copied.append(Copied(name=node.input[index], node_output=node.output[0], index=index))
            seen.add(name)
    return tuple(copied)


def _own(node: NodeProto) -> Sequence[int]:
    places = (*_LEARNED.get(node.op_type, ()), *_STATISTICS.get(node.op_type, ()))
    return [index for index in places if index < len(node.input) and node.input[index]]


def _is_uniform(tensor: TensorProto) -> bool:
    array = numpy_helper.to_array(tensor)
    return array.ndim <= 1 and bool((array == array.reshape(-1)[:1]).all())


def _copy(model: ModelProto, weights: dict[str, TensorProto], name: str, suffix: str) -> str:
    new = f"{name}/{suffix}"
    weights[new] = TensorProto()
    weights[new].CopyFrom(weights[name])
    weights[new].name = new
    for value in model.graph.input:
        if value.name == name:
            model.graph.input.append(value)
            model.graph.input[-1].name = new
            return new
    model.graph.initializer.append(weights[new])
    return new
