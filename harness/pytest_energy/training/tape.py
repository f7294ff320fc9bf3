"""The tape: records ONNX nodes as they are written down, so that a rule reads like its equation."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, numpy_helper

Shape = tuple[int | str | None, ...]
"""A size, a symbol's name, or None for what is unknown, per dimension."""

_RESULT_TYPES = {
    **dict.fromkeys(("Shape", "Size", "NonZero", "ArgMax", "ArgMin"), TensorProto.INT64),
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"), TensorProto.BOOL),
    **dict.fromkeys(("Not", "And", "Or", "IsNaN", "IsInf"), TensorProto.BOOL),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Value:
    """A tensor of the graph. Arithmetic on it records nodes.

    Attributes:
        name: Name in the graph.
        dtype: Element type, a ``TensorProto`` constant.
        shape: Its shape; None where even the rank is unknown.
        tape: Where arithmetic on it is recorded.
    """

    name: str
    dtype: int
    shape: Shape | None = None
    tape: "Tape" = field(repr=False)

    @property
    def rank(self) -> int | None:
        """The number of dimensions; None where it is unknown."""
        return None if self.shape is None else len(self.shape)

    def __add__(self, other: "Value | float") -> "Value":
        return self.tape.call("Add", self, other)

    def __radd__(self, other: float) -> "Value":
        return self.tape.call("Add", self.like(other), self)

    def __sub__(self, other: "Value | float") -> "Value":
        return self.tape.call("Sub", self, other)

    def __rsub__(self, other: float) -> "Value":
        return self.tape.call("Sub", self.like(other), self)

    def __mul__(self, other: "Value | float") -> "Value":
        return self.tape.call("Mul", self, other)

    def __rmul__(self, other: float) -> "Value":
        return self.tape.call("Mul", self, other)

    def __truediv__(self, other: "Value | float") -> "Value":
        return self.tape.call("Div", self, other)

    def __rtruediv__(self, other: float) -> "Value":
        return self.tape.call("Div", self.like(other), self)

    def __pow__(self, other: "Value | float") -> "Value":
        return self.tape.call("Pow", self, other)

    def __neg__(self) -> "Value":
        return self.tape.call("Neg", self)

    def like(self, number: float) -> "Value":
        """Return a scalar constant of this element type."""
        return self.tape.constant(np.asarray(number, helper.tensor_dtype_to_np_dtype(self.dtype)))


class Tape:
    """Nodes and constants, in the order in which they were recorded.

    ``tape.MatMul(a, b)`` records a node and returns its first output; numbers become constants of the first
    input's element type, sequences of whole numbers become int64 vectors.

    Args:
        taken: Names that must not be given again.
    """

    def __init__(self, taken: set[str]) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        self.scope = "step"
        self._taken = taken
        self._renamed: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], Value] = {}

    def __getattr__(self, operator: str) -> Callable[..., Value]:
        if operator.startswith("_"):
            raise AttributeError(operator)
        return lambda *inputs, **attributes: self.call(operator, *inputs, **attributes)

    def call(
        self, operator: str, *inputs: "Value | float | Sequence[int] | None", **attributes: Any
    ) -> Value:
        """Record a node with one output and return that output."""
        return self.calls(operator, 1, *inputs, **attributes)[0]

    def calls(
        self, operator: str, outputs: int, *inputs: "Value | float | Sequence[int] | None", **attributes: Any
    ) -> tuple[Value, ...]:
        """Record a node with several outputs and return them."""
        values = [self._value(each, inputs) for each in inputs]
        name = self._fresh(operator)
        names = [name] if outputs == 1 else [f"{name}.{index}" for index in range(outputs)]
        self.nodes.append(
            helper.make_node(
                operator, ["" if value is None else value.name for value in values], names, name, **attributes
            )
        )
        dtype = _result_type(operator, values, attributes)
        return tuple(Value(name=each, dtype=dtype, tape=self) for each in names)

    def constant(self, array: npt.ArrayLike) -> Value:
        """Return a constant; equal ones are kept once."""
        data = np.asarray(array)
        key = (data.dtype.str, data.shape, data.tobytes())
        if key not in self._known:
            name = self._fresh("constant")
            self.constants[name] = numpy_helper.from_array(data, name)
            dtype = int(self.constants[name].data_type)
            self._known[key] = Value(name=name, dtype=dtype, shape=tuple(data.shape), tape=self)
        return self._known[key]

    def ints(self, numbers: Sequence[int]) -> Value:
        """Return a vector of int64, as shapes and axes are."""
        return self.constant(np.asarray(numbers, np.int64))

    def named(self, name: str, dtype: int, shape: Shape | None) -> Value:
        """Return an input of the graph, by this name or the nearest free one."""
        return Value(name=self.unused(name), dtype=dtype, shape=shape, tape=self)

    def branch(self, taken: Iterable[str] = ()) -> "Tape":
        """Return a tape for a subgraph of a node, in which these names are taken as well as all around it."""
        self._taken.update(taken)
        tape = Tape(self._taken)
        tape.scope = self.scope
        return tape

    def unused(self, name: str) -> str:
        """Reserve a name, or the nearest free one, and return it."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name

    def rename(self, value: Value, name: str) -> Value:
        """Give a recorded output another name, wherever it stands once the nodes are taken."""
        self._renamed[value.name] = name
        self._taken.add(name)
        return Value(name=name, dtype=value.dtype, shape=value.shape, tape=self)

    def take(self) -> list[NodeProto]:
        """Return what was recorded, and begin anew."""
        for node in self.nodes if self._renamed else ():
            for names in (node.input, node.output):
                for index, each in enumerate(names):
                    if each in self._renamed:
                        names[index] = self._renamed[each]
        nodes, self.nodes = self.nodes, []
        self._renamed = {}
        return nodes

    def _fresh(self, word: str) -> str:
        stem = f"{self.scope}/{word}" if word != "constant" else word
        while True:
            count = self._counts[stem] = self._counts.get(stem, 0) + 1
            name = stem if count == 1 and word != "constant" else f"{stem}_{count}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def _value(
        self, each: "Value | float | Sequence[int] | None", inputs: "Sequence[object]"
    ) -> Value | None:
        if each is None or isinstance(each, Value):
            return each
        if isinstance(each, Sequence):
            return self.ints(each)
        return next(value for value in inputs if isinstance(value, Value)).like(each)


def _result_type(operator: str, values: Sequence[Value | None], attributes: dict[str, Any]) -> int:
    if operator == "Cast":
        return int(attributes["to"])
    if operator in _RESULT_TYPES:
        return int(_RESULT_TYPES[operator])
    if operator == "ConstantOfShape":
        return int(attributes["value"].data_type) if "value" in attributes else int(TensorProto.FLOAT)
    kind = values[1 if operator == "Where" else 2 if operator == "OneHot" else 0]
    return int(TensorProto.UNDEFINED) if kind is None else kind.dtype
