"""Missing rules: every operator without one on the way of a gradient, in the graph and in those inside it."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from onnx import GraphProto, NodeProto, TensorProto

from pytest_energy.errors import NoGradient
from pytest_energy.training.branches import graphs_of
from pytest_energy.training.forward import FLOATS, reads
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.registry import ENTRY_POINTS, gradient_of, is_without_gradient, training_form_of

_LOOPS = {"Loop": 1, "Scan": 0}  # by how many places what a body is given lies behind what it gives back
_QUANTIZED = frozenset({
    "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv",
    "QLinearMatMul", "QuantizeLinear",
})  # fmt: skip


@dataclass(slots=True, kw_only=True)
class MissingRules:
    """Operators that have no rule, with the first place where each is needed.

    Attributes:
        lowering: What rules are chosen for.
        places: Where an operator was met first, by its title.
    """

    lowering: Lowering
    places: dict[str, str] = field(default_factory=dict)

    def add(self, node: NodeProto, title: str, place: str = "") -> None:
        """Remember a node.

        Args:
            node: The operator.
            title: The name that it has, or would have.
            place: The graphs that it lies in, in words.
        """
        domain = _domain(node)
        operator = f"{domain}.{node.op_type}" if domain else node.op_type
        self.places.setdefault(operator, f"{title!r}{place}")

    def look_into(self, node: NodeProto, title: str, active: AbstractSet[str], place: str = "") -> None:
        """Look for operators without a rule in the graphs inside a node.

        Args:
            node: The node.
            title: Its name.
            active: Names of tensors around it that gradients go to.
            place: The graphs that the node itself lies in, in words.
        """
        for attribute, graph in graphs_of(node):
            inside = f" in the {attribute} of {node.op_type} {title!r}{place}"
            self._look_through(graph, _active_in(node, graph, active), inside)

    def _look_through(self, graph: GraphProto, active: set[str], place: str) -> None:
        others = _known_as_other_than_floats(graph)
        for index, node in enumerate(graph.node):
            if not active.intersection(reads(node)) or is_without_gradient(_domain(node), node.op_type):
                continue
            title = node.name or f"{node.op_type}_{index}"
            outputs = set(node.output) - others
            if outputs and not self._has_rule(node):
                self.add(node, title, place)
            if outputs:
                self.look_into(node, title, active, place)
            active |= outputs

    def _has_rule(self, node: NodeProto) -> bool:
        found = gradient_of(_domain(node), node.op_type, self.lowering)
        return bool(found or training_form_of(_domain(node), node.op_type, self.lowering))

    def require_none(self) -> None:
        """Refuse a model with operators that have no rule.

        Raises:
            NoGradient: There is one at least; all are named.
        """
        if self.places:
            raise NoGradient(_sentence(self.places))


def _domain(node: NodeProto) -> str:
    return "" if node.domain == "ai.onnx" else node.domain


def _active_in(node: NodeProto, graph: GraphProto, active: AbstractSet[str]) -> set[str]:
    """Return the tensors that gradients go to as a graph inside a node sees them, by their names inside."""
    given = {inner.name for outer, inner in zip(node.input, graph.input, strict=False) if outer in active}
    seen = set(active) | given
    shift = _LOOPS.get(node.op_type)
    if shift is None:
        return seen
    while added := set(_handed_on(graph, seen, shift)) - seen:
        seen |= added
    return seen


def _handed_on(graph: GraphProto, active: AbstractSet[str], shift: int) -> Iterator[str]:
    """Yield what a body is given in its next round that depends on what is active in this one."""
    reached = set(active)
    for node in graph.node:
        if reached.intersection(reads(node)):
            reached.update(node.output)
    for index, output in enumerate(graph.output):
        if output.name in reached and index + shift < len(graph.input):
            yield graph.input[index + shift].name


def _known_as_other_than_floats(graph: GraphProto) -> set[str]:
    """Return tensors of a graph of which it is known that they are no floating-point numbers."""
    typed = (*graph.value_info, *graph.input, *graph.output)
    floats = FLOATS | {TensorProto.UNDEFINED}
    return {each.name for each in typed if each.type.tensor_type.elem_type not in floats}


def _sentence(missing: Mapping[str, str]) -> str:
    if quantized := sorted(_QUANTIZED.intersection(missing)):
        return (
            f"No training step can be built: the model is quantized ({', '.join(quantized)}), and "
            "quantization has no gradient. Train the floating-point model that it was made from."
        )
    listed = ", ".join(f"{operator} (at {place})" for operator, place in sorted(missing.items()))
    return (
        f"No training step can be built: there is no gradient rule for {listed}. A rule is a function under "
        'training/rules/ decorated with @gradient("Operator"), or one in a module of your own that the entry '
        f"point group {ENTRY_POINTS!r} names. Or freeze the parameters before these operators."
    )
