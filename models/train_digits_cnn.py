"""Train a convolutional network on handwritten digits and write ``digits-cnn.onnx`` beside this script."""

from pathlib import Path

import numpy as np
import torch
from digits import split_digits
from onnx_file import accuracy, run, save
from torch import nn
from training import Recipe, export, predict, train

_OUTPUT = Path(__file__).with_name("digits-cnn.onnx")
_RECIPE = Recipe(epochs=40, learning_rate=3e-3)


def build() -> nn.Module:
    """Return the untrained network: twice the size, four 3x3 convolutions, global average, classifier."""
    return nn.Sequential(
        nn.Upsample(scale_factor=2.0),
        nn.Conv2d(1, 32, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 96, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(96, 96, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(96, 10),
    )


def main() -> None:
    """Train, export, compare PyTorch with ONNX Runtime, and write the model."""
    training, held_out = split_digits()
    network = train(build, torch.from_numpy(training.images()), torch.from_numpy(training.labels), _RECIPE)
    images = held_out.images()
    model = export(network, torch.from_numpy(images[:2]), "image")
    logits = run(model, images)
    np.testing.assert_allclose(logits, predict(network, torch.from_numpy(images)), rtol=1e-3, atol=1e-4)
    save(model, _OUTPUT, accuracy(logits, held_out), {"script": Path(__file__).name})


if __name__ == "__main__":
    main()
