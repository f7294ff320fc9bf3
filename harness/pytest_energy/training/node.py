"""A node of the forward pass as a gradient rule sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, numpy_helper

from pytest_energy.training.lowering import Lowering
from pytest_energy.training.tape import Tape, Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """An operator with its operands and, on the way back, the gradients of its results.

    Attributes:
        op: Where the rule records what it computes: ``node.op.MatMul(a, b)``.
        domain: Domain of the operator; empty for ONNX's own.
        operator: Its type, such as ``Conv``.
        name: The name that the node has, or would have, in the model.
        x: Inputs; None for one that is left out. Behind them stands what subgraphs take from around the node.
        y: Outputs; None for one that is left out.
        dys: Gradient of the loss by each output, shaped like it; None where none flows.
        wanted: Names of the inputs by which gradients are asked for.
        attributes: Attributes that the model sets.
        constants: Initializers of the graph.
        lowering: What the step should be fast on, or run on.
    """

    op: Tape
    domain: str = ""
    operator: str
    name: str
    x: tuple[Value | None, ...]
    y: tuple[Value | None, ...]
    dys: tuple[Value | None, ...] = ()
    wanted: frozenset[str] = frozenset()
    attributes: Mapping[str, Any]
    constants: Mapping[str, TensorProto] = field(default_factory=dict, repr=False)
    lowering: Lowering = Lowering.CPU

    @property
    def dy(self) -> Value:
        """Gradient of the loss by the first output, for operators that have only one."""
        gradient = self.dys[0]
        assert gradient is not None  # noqa: S101 - a node without any is not walked
        return gradient

    def input(self, index: int) -> Value:
        """Return an input that the operator always has."""
        value = self.x[index]
        assert value is not None  # noqa: S101 - the model was checked
        return value

    def output(self, index: int = 0) -> Value:
        """Return an output that is in use."""
        value = self.y[index]
        assert value is not None  # noqa: S101 - the model was checked
        return value

    def optional(self, index: int) -> Value | None:
        """Return an input that may be left out."""
        return self.x[index] if index < len(self.x) else None

    def constant(self, index: int) -> npt.NDArray[np.generic] | None:
        """Return the value of an input that is a constant; None where it is none, or is left out."""
        value = self.optional(index)
        if value is None or value.name not in self.constants:
            return None
        return numpy_helper.to_array(self.constants[value.name])

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or the default that the operator's specification gives."""
        return self.attributes.get(name, default)
