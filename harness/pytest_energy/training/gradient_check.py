"""A numerical check of gradient rules, by central differences; for rules of this package and of others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, ValueInfoProto, helper, numpy_helper

from pytest_energy.training.backward import backward
from pytest_energy.training.batch import infer_shapes
from pytest_energy.training.expansion import expand, names_in
from pytest_energy.training.forward import FLOATS, read_forward
from pytest_energy.training.lowering import Lowering
from pytest_energy.training.portable import lowered
from pytest_energy.training.preparation import OPSET, without_functions
from pytest_energy.training.tape import Tape, Value

Array = npt.NDArray[Any]

Run = Callable[[ModelProto, Mapping[str, Array]], Sequence[Array]]
"""Runs a model once: its outputs in their order."""

_STEP = 1e-5
_DIRECTIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One node to differentiate.

    Attributes:
        operator: Its type.
        inputs: Its inputs; those of float64 are differentiated by, others are constants, None is left out.
        attributes: Its attributes.
        outputs: The number of its outputs.
        constant: Indices of float64 inputs that are constants, such as the scales of Resize.
        around: The number of last inputs that its subgraphs take from around it, by their names,
            ``x0`` being the first input of all.
        free: Indices of inputs whose first size is hidden from the rule.
        domain: Domain of the operator.
        opset: Version of the operator set.
    """

    operator: str
    inputs: tuple[Array | None, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    outputs: int = 1
    constant: tuple[int, ...] = ()
    around: int = 0
    free: tuple[int, ...] = ()
    domain: str = ""
    opset: int = OPSET


def gradient_error(case: Case, run: Run, lowering: Lowering, seed: int = 0) -> float:
    """Compare gradients with central differences along random directions.

    The loss is a random linear function of all outputs, in float64.

    Args:
        case: The node.
        run: Runs a model, with float64 kernels.
        lowering: Which rules are checked.
        seed: Seed of loss and directions.

    Returns:
        The largest difference, relative to the largest derivative, or to 1 where that is smaller.
    """
    generator = np.random.default_rng(seed)
    feeds = {f"x{index}": array for index, array in _differentiated(case)}
    model, names = _graph(case, lowering, run, generator)
    gradients = run(model, feeds)[1:]
    worst = 0.0
    for name, gradient in zip(names, gradients, strict=True):
        if gradient.shape != feeds[name].shape:
            raise AssertionError(f"the gradient by {name} has the shape {gradient.shape}")
        for _ in range(_DIRECTIONS):
            direction = generator.standard_normal(feeds[name].shape)
            # numpy makes a number of a sum of zero dimensions, which ONNX Runtime refuses
            steps = [np.asarray(feeds[name] + sign * _STEP * direction) for sign in (1, -1)]
            ends = [float(run(model, {**feeds, name: step})[0].sum()) for step in steps]
            numerical = (ends[0] - ends[1]) / (2 * _STEP)
            analytical = float((gradient * direction).sum())
            worst = max(worst, abs(numerical - analytical) / max(1.0, abs(numerical)))
    return worst


def _differentiated(case: Case) -> list[tuple[int, Array]]:
    return [
        (index, array)
        for index, array in enumerate(case.inputs)
        if array is not None and array.dtype == np.float64 and index not in case.constant
    ]


def single_node(case: Case) -> ModelProto:
    """Return a model of the one node, with its shapes inferred; functions are not expanded."""
    free = dict(_differentiated(case))
    inputs = case.inputs[: len(case.inputs) - case.around]
    names = ["" if array is None else f"x{index}" for index, array in enumerate(inputs)]
    outputs = [f"y{index}" for index in range(case.outputs)]
    graph = helper.make_graph(
        [helper.make_node(case.operator, names, outputs, "node", domain=case.domain, **case.attributes)],
        "case",
        [_input(f"x{index}", array, is_free=index in case.free) for index, array in free.items()],
        [ValueInfoProto(name=name) for name in outputs],
        [
            numpy_helper.from_array(array, f"x{index}")
            for index, array in enumerate(case.inputs)
            if array is not None and index not in free
        ],
    )
    opsets = {"": case.opset, case.domain: case.opset if not case.domain else 1}
    return infer_shapes(
        helper.make_model(
            graph, ir_version=10, opset_imports=[helper.make_opsetid(*pair) for pair in opsets.items()]
        )
    )


def _input(name: str, array: Array, *, is_free: bool) -> Any:
    shape: list[int | str] = list(array.shape)
    if is_free:
        shape[0] = f"free_{shape[0]}"
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), shape)


def _graph(
    case: Case, lowering: Lowering, run: Run, generator: np.random.Generator
) -> tuple[ModelProto, list[str]]:
    """Return a model that puts out the loss and its gradients, and the names of what these are by."""
    wanted = [f"x{index}" for index, _ in _differentiated(case)]
    model = expand(without_functions(single_node(case), lowering), wanted, lowering).model
    tape = Tape(names_in(model))
    outputs = [value.name for value in model.graph.output]
    forward = read_forward(model, tape, lowering, outputs)
    floats = [forward.values[name] for name in outputs if forward.values[name].dtype in FLOATS]
    arrays = run(model, {f"x{index}": array for index, array in _differentiated(case)})
    shapes = {name: array.shape for name, array in zip(outputs, arrays, strict=True)}
    seeds = {value.name: tape.constant(generator.standard_normal(shapes[value.name])) for value in floats}
    terms = [tape.ReduceSum(value * seeds[value.name], keepdims=0) for value in floats]
    loss: Value = tape.call("Sum", *terms)
    gradients = backward(forward, seeds, wanted)
    nodes = lowered([*model.graph.node, *tape.take()], tape, lowering)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend(tape.constants.values())
    del model.graph.output[:]
    ends = [loss, *(gradients[name] for name in wanted if name in gradients)]
    model.graph.output.extend(ValueInfoProto(name=value.name) for value in ends)
    return model, [name for name in wanted if name in gradients]
