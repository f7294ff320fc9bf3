"""The trained model: the inference model that a step was made from, with the values that training found."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, numpy_helper

from pytest_energy.errors import ModelError
from pytest_energy.training.branches import bring_out_constants
from pytest_energy.training.step_description import Copied


def trained_model(
    model: ModelProto, values: Mapping[str, npt.NDArray[np.generic]], copies: Iterable[Copied] = ()
) -> ModelProto:
    """Return an inference model with other parameters and running statistics; ``model`` stays as it is.

    Args:
        model: The model that a training step was made from.
        values: What training found, by the names that states are ``of``.
        copies: Constants that trained apart though the model holds them once.

    Raises:
        ModelError: A value has no place in the model, or another shape.
    """
    trained = ModelProto()
    trained.CopyFrom(model)
    bring_out_constants(trained.graph)
    left = dict(values)
    for copied in copies:
        if copied.name in left:
            _give_its_own(trained, copied, left.pop(copied.name))
    for tensor in trained.graph.initializer:
        if tensor.name in left:
            _replace(tensor, left.pop(tensor.name))
    _replace_nodes(trained, left)
    if left:
        raise ModelError(
            f"What was trained does not belong to this model: it has no constant {', '.join(sorted(left))}. "
            "Give the model that the training step was made from."
        )
    return trained


def _replace(tensor: TensorProto, value: npt.NDArray[np.generic]) -> None:
    if tuple(tensor.dims) != value.shape:
        raise ModelError(
            f"What was trained does not belong to this model: {tensor.name!r} has the shape "
            f"{list(tensor.dims)}, and not {list(value.shape)}. Give the model that the step was made from."
        )
    tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))


def _replace_nodes(model: ModelProto, left: dict[str, npt.NDArray[np.generic]]) -> None:
    """Put constants in the place of nodes that made them, such as ConstantOfShape."""
    made = [node for node in model.graph.node if len(node.output) == 1 and node.output[0] in left]
    for node in made:
        model.graph.initializer.append(numpy_helper.from_array(left.pop(node.output[0]), node.output[0]))
        model.graph.node.remove(node)


def _give_its_own(model: ModelProto, copied: Copied, value: npt.NDArray[np.generic]) -> None:
    for node in model.graph.node:
        if node.output and node.output[0] == copied.node_output:
            node.input[copied.index] = copied.name
            model.graph.initializer.append(numpy_helper.from_array(value, copied.name))
            return
    raise ModelError(
        f"What was trained does not belong to this model: no node makes {copied.node_output!r}. Give the "
        "model that the training step was made from."
    )
