"""The backward pass: reverse-mode differentiation of a forward pass, node by node from the loss back."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from onnx import TensorProto

from pytest_energy.training.forward import FLOATS, Forward, reads
from pytest_energy.training.missing_rules import MissingRules
from pytest_energy.training.node import Node
from pytest_energy.training.registry import Gradient, gradient_of, is_without_gradient
from pytest_energy.training.shapes import summed_to
from pytest_energy.training.tape import Value

_PERHAPS_FLOATS = FLOATS | {TensorProto.UNDEFINED}  # behind operators that shape inference does not know
_SUM_FROM = 3  # with as many addends, one Sum reads and writes less than a chain of Adds


def backward(forward: Forward, seeds: Mapping[str, Value], wanted: Iterable[str]) -> dict[str, Value]:
    """Record the gradients of the loss by the wanted tensors.

    Args:
        forward: The nodes; all of them must lead to a seed.
        seeds: Gradient of the loss by outputs of the forward pass.
        wanted: Names of the tensors to differentiate by.

    Returns:
        One gradient per wanted tensor that the loss depends on.

    Raises:
        NoGradient: A rule is missing; all that are missing are named at once.
    """
    wanted = tuple(wanted)
    active = differentiable_names(forward, wanted)
    addends: dict[str, list[Value]] = {name: [seed] for name, seed in seeds.items()}
    gradients: dict[str, Value] = {}
    for node in reversed(forward.nodes):
        dys = tuple(_gathered(value, addends, gradients) for value in node.y)
        if any(dy is not None for dy in dys) and _inputs(node) & active:
            wanted_here = frozenset(_inputs(node) & active)
            _walk(dataclasses.replace(node, dys=dys, wanted=wanted_here), addends)
    for name in wanted:
        _gathered(forward.values.get(name), addends, gradients)
    return {name: gradients[name] for name in wanted if name in gradients}


def _walk(node: Node, addends: dict[str, list[Value]]) -> None:
    """Add the gradients by the inputs of one node to what was gathered."""
    gradient = gradient_of(node.domain, node.operator, node.lowering)
    if gradient is None:
        return
    node.op.scope = f"{node.name}.grad"
    for value, thunk in zip(node.x, _thunks(gradient, node), strict=False):
        if value is None or thunk is None or value.name not in node.wanted:
            continue
        dx = thunk()
        if dx is not None:
            dx = summed_to(dx, node.output(), value) if gradient.broadcasts else dx
            addends.setdefault(value.name, []).append(dx)


def _thunks(gradient: Gradient, node: Node) -> Sequence[Callable[[], Value | None] | None]:
    thunks = gradient.rule(node)
    return [thunks] if callable(thunks) else thunks


def _gathered(
    value: Value | None, addends: dict[str, list[Value]], gradients: dict[str, Value]
) -> Value | None:
    """Return the sum of the gradients that reached a tensor; None where none did."""
    if value is None or value.name not in addends:
        return None
    if value.name not in gradients:
        gradients[value.name] = _sum(addends[value.name])
    return gradients[value.name]


def _sum(values: list[Value]) -> Value:
    if len(values) >= _SUM_FROM:
        return values[0].tape.call("Sum", *values)
    return values[0] if len(values) == 1 else values[0] + values[1]


def _inputs(node: Node) -> set[str]:
    return {value.name for value in node.x if value is not None}


def differentiable_names(forward: Forward, wanted: Iterable[str]) -> set[str]:
    """Return the names of tensors that depend on what is wanted, in a way that can be differentiated.

    Raises:
        NoGradient: One cannot be, for want of a rule.
    """
    active = set(wanted)
    missing = MissingRules(lowering=forward.lowering)
    for proto, node in zip(forward.protos, forward.nodes, strict=True):
        if not active.intersection(reads(proto)) or is_without_gradient(node.domain, node.operator):
            continue
        outputs = {value.name for value in node.y if value is not None and value.dtype in _PERHAPS_FLOATS}
        if outputs and gradient_of(node.domain, node.operator, node.lowering) is None:
            missing.add(proto, node.name)
        if outputs:
            missing.look_into(proto, node.name, active)
        active |= outputs
    missing.require_none()
    return active
