"""Builds the training step of a model: forward, loss, backward and update as one graph."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper

from pytest_energy.errors import ModelError
from pytest_energy.training.backward import backward, differentiable_names
from pytest_energy.training.expansion import Expanded, expand, names_in
from pytest_energy.training.forward import Forward, read_forward, reads
from pytest_energy.training.losses import LABELS
from pytest_energy.training.parameters import Parameters, find_parameters, untie_vectors
from pytest_energy.training.portable import lowered
from pytest_energy.training.preparation import Prepared, prepare
from pytest_energy.training.recipe import Recipe
from pytest_energy.training.step import Array, State, TrainingStep
from pytest_energy.training.tape import Shape, Tape, Value
from pytest_energy.training.update import Slot, Update, record_update

LOSS = "loss"
"""Name of the output that is the loss."""

_BIAS = 2  # the number of inputs of a convolution without one
_MANY = 5  # convolutions: fewer are no deep network


def training_step(model: ModelProto, recipe: Recipe) -> TrainingStep:
    """Build the training step of an inference model.

    Args:
        model: The model, with its external data loaded; it stays as it is.
        recipe: How it is trained.

    Raises:
        NoGradient: Operators have no rule; all are named.
        ModelError: The model cannot be prepared, or nothing in it can be trained.
    """
    prepared = prepare(model, recipe.loss.strips, recipe.output, recipe.lowering)
    copies = untie_vectors(prepared.model, prepared.weights)
    parameters = find_parameters(prepared, recipe.frozen)
    expanded = expand(prepared.model, parameters.trained, recipe.lowering)
    tape = Tape(names_in(expanded.model))
    forward = read_forward(
        expanded.model, tape, recipe.lowering, [prepared.output, *expanded.updates.values()]
    )
    differentiable_names(forward, parameters.trained)  # what is missing is said before all else
    output = forward.values[prepared.output]
    target = recipe.loss.target(output)
    labels = tape.named(LABELS, target.dtype, target.shape)
    tape.scope = "loss"
    loss, seed = recipe.loss.record(output, labels, recipe.lowering)
    gradients = backward(forward, {output.name: seed}, parameters.trained)
    if not gradients:
        raise ModelError(_nothing_to_train(parameters))
    update = record_update(tape, recipe, {forward.values[name]: each for name, each in gradients.items()})
    loss = tape.rename(loss, tape.unused(LOSS))
    return TrainingStep(
        model=_assembled(prepared, expanded, forward, (labels, loss), update),
        inputs=prepared.inputs,
        labels=labels.name,
        target=target,
        loss=loss.name,
        hyperparameters=update.hyperparameters,
        apply=update.apply,
        accumulate=recipe.accumulate,
        states=tuple(_states(prepared, expanded, update)),
        trained=tuple(gradients),
        frozen=parameters.frozen,
        copies=copies,
        output=prepared.output,
        notes=(*prepared.notes, *_notes(prepared, parameters, len(copies))),
    )


def _states(prepared: Prepared, expanded: Expanded, update: Update) -> Iterator[State]:
    for name, new in expanded.updates.items():
        yield State(input=name, output=new, initial=numpy_helper.to_array(prepared.weights[name]), of=name)
    for slot in update.slots:
        yield State(input=slot.old.name, output=slot.new.name, initial=_initial(prepared, slot), of=slot.of)


def _initial(prepared: Prepared, slot: Slot) -> Array:
    """Return a parameter's own value, and zeros for what belongs to the optimizer."""
    if slot.of is not None:
        return numpy_helper.to_array(prepared.weights[slot.of])
    sizes = [size for size in slot.old.shape or () if isinstance(size, int)]
    return np.zeros(sizes, helper.tensor_dtype_to_np_dtype(slot.old.dtype))


def _assembled(
    prepared: Prepared, expanded: Expanded, forward: Forward, ends: tuple[Value, Value], update: Update
) -> ModelProto:
    labels, loss = ends
    tape = loss.tape
    nodes = lowered([*forward.protos, *tape.take()], tape, forward.lowering)
    states = [(forward.values[old], forward.values[new]) for old, new in expanded.updates.items()]
    states += [(slot.old, slot.new) for slot in update.slots]
    read = {name for node in nodes for name in reads(node)}
    data = [forward.values[name] for name in prepared.inputs if name in read]
    fed = [*data, labels, *update.inputs, *(old for old, _ in states)]
    graph = helper.make_graph(
        nodes,
        f"{expanded.model.graph.name}_training_step",
        [_info(value) for value in fed],
        [_info(loss, ()), *(_info(new, old.shape) for old, new in states)],
        _constants(prepared, expanded, tape, read - {value.name for value in fed}),
    )
    model = helper.make_model(graph, opset_imports=list(expanded.model.opset_import))
    model.ir_version, model.producer_name = expanded.model.ir_version, "pytest-energy"
    return model


def _constants(prepared: Prepared, expanded: Expanded, tape: Tape, needed: set[str]) -> list[TensorProto]:
    """Return what the graph holds itself: constants, and parameters that are not trained."""
    known = {tensor.name: tensor for tensor in expanded.model.graph.initializer}
    for constants in (prepared.weights, tape.constants):
        known.update(constants)
    return [tensor for name, tensor in known.items() if name in needed]


def _info(value: Value, shape: Shape | None = None) -> ValueInfoProto:
    return helper.make_tensor_value_info(value.name, value.dtype, value.shape if shape is None else shape)


def _nothing_to_train(parameters: Parameters) -> str:
    if parameters.frozen:
        return "Nothing is left to train: all parameters that the loss depends on are frozen."
    return (
        "The model has no parameters that the loss depends on: its floating-point constants are single "
        "numbers, or lie behind operators without gradient, as in a quantized model. Train the model that it "
        "was made from."
    )


def _notes(prepared: Prepared, parameters: Parameters, copies: int) -> Iterator[str]:
    if parameters.tied:
        yield f"Used by several nodes, and trained as one tensor: {', '.join(parameters.tied)}."
    if copies:
        yield f"The exporter had merged equal vectors; {copies} of them train apart."
    operators = Counter(node.op_type for node in prepared.model.graph.node)
    biased = sum(node.op_type == "Conv" and len(node.input) > _BIAS for node in prepared.model.graph.node)
    if biased >= _MANY and not any("Normalization" in operator for operator in operators):
        yield (
            f"All {biased} convolutions have a bias and nothing is normalised: the exporter may have folded "
            "BatchNormalization into them. Export in training mode to train the model as it was designed."
        )
