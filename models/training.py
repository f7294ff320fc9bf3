"""Training a small PyTorch classifier so that a rerun gives the same weights, and its export to ONNX."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
import torch
from torch import nn

# The exporter's native opset: a later one would be reached by conversion, and gain nothing here.
_OPSET = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How long and how fast to train.

    Attributes:
        epochs: Passes over the training digits.
        learning_rate: The peak of the one-cycle schedule.
        batch: Digits per update.
        weight_decay: Of AdamW.
        seed: Of the first weights, the order of the digits and the dropout.
    """

    epochs: int
    learning_rate: float
    batch: int = 64
    weight_decay: float = 0.05
    seed: int = 0


def train(
    build: Callable[[], nn.Module], inputs: torch.Tensor, labels: torch.Tensor, recipe: Recipe
) -> nn.Module:
    """Build a network and train it with cross-entropy.

    One thread and deterministic kernels: the same machine and library versions give the same weights.

    Args:
        build: Makes the network; called after the seed is set.
        inputs: What the network takes, shape [n, ...].
        labels: Class of each input, int64, shape [n].
        recipe: How long and how fast.

    Returns:
        The trained network, in evaluation mode.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    torch.manual_seed(recipe.seed)
    network = build().train()
    updates = recipe.epochs * -(-len(inputs) // recipe.batch)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=updates)
    for _ in range(recipe.epochs):
        for chosen in torch.randperm(len(inputs)).split(recipe.batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def export(network: nn.Module, example: torch.Tensor, input_name: str) -> onnx.ModelProto:
    """Translate a network to ONNX, its first dimension free and named ``batch``, its output ``logits``.

    Args:
        network: In evaluation mode.
        example: Any valid input, of at least two rows: one row would be taken for a fixed size.
        input_name: Name of the input in the graph.
    """
    program = torch.onnx.export(
        network,
        (example,),
        input_names=[input_name],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=_OPSET,
        dynamo=True,
        verbose=False,
    )
    assert program is not None, "torch.onnx.export returns None only when it is given a file to write"
    return program.model_proto


def predict(network: nn.Module, inputs: torch.Tensor) -> npt.NDArray[np.float32]:
    """Return the logits that PyTorch computes, shape [n, classes]."""
    with torch.inference_mode():
        return network(inputs).numpy()
