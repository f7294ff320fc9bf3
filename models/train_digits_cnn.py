"""Draw a network of convolutions, train it on handwritten digits, and write ``digits-cnn.onnx`` beside this.

No training framework takes part: ``pytest-energy train`` does it, on ONNX Runtime.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from digits import Digits, split_digits
from onnx import numpy_helper
from onnx_file import accuracy, run, save

STAGES = ((8, 0.002), (4, 0.0004))
"""Epochs and the learning rate of each: large steps first, then small ones from where these have led."""

_OUTPUT = Path(__file__).with_name("digits-cnn.onnx")
_SEED = 0
_RECIPE = "--optimizer adamw --weight-decay 0.05 --batch 32 --shuffle"
_CONVOLUTION = "Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]>"
_TWICE = 'Resize <mode = "nearest", nearest_mode = "floor", coordinate_transformation_mode = "asymmetric">'
_GRAPH = f"""\
<ir_version: 10, opset_import: ["" : 18]>
digits_cnn (float[batch, 1, 8, 8] image) => (float[batch, 10] logits)
<float[4] scales = {{1, 1, 2, 2}}, int64[2] axes = {{2, 3}}>
{{
    larger = {_TWICE} (image, , scales)
    conv1 = {_CONVOLUTION} (larger, conv1_weight, conv1_bias)
    relu1 = Relu (conv1)
    conv2 = {_CONVOLUTION} (relu1, conv2_weight, conv2_bias)
    relu2 = Relu (conv2)
    pooled = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (relu2)
    conv3 = {_CONVOLUTION} (pooled, conv3_weight, conv3_bias)
    relu3 = Relu (conv3)
    conv4 = {_CONVOLUTION} (relu3, conv4_weight, conv4_bias)
    relu4 = Relu (conv4)
    mean = ReduceMean <keepdims = 0> (relu4, axes)
    logits = Gemm <transB = 1> (mean, classifier_weight, classifier_bias)
}}
"""
_WEIGHTS = {
    "conv1": (32, 1, 3, 3),
    "conv2": (64, 32, 3, 3),
    "conv3": (96, 64, 3, 3),
    "conv4": (96, 96, 3, 3),
    "classifier": (10, 96),
}


def untrained() -> onnx.ModelProto:
    """Return the network before training: twice the size, four 3x3 convolutions, global average, classifier.

    Weights are normal with the variance 2 / inputs, which keeps the variance of activations behind a Relu: He
    et al., "Delving Deep into Rectifiers" (ICCV 2015). Biases are 0.
    """
    model = onnx.parser.parse_model(_GRAPH)
    for node in model.graph.node:
        node.name = node.output[0]
    generator = np.random.default_rng(_SEED)
    for name, shape in _WEIGHTS.items():
        deviation = (2 / np.prod(shape[1:])) ** 0.5
        weight = (generator.standard_normal(shape) * deviation).astype(np.float32)
        bias = np.zeros(shape[0], np.float32)
        for value, kind in ((weight, "weight"), (bias, "bias")):
            model.graph.initializer.append(numpy_helper.from_array(value, f"{name}_{kind}"))
    return model


def train(
    model: onnx.ModelProto, digits: Digits, stages: Sequence[tuple[int, float]] = STAGES
) -> onnx.ModelProto:
    """Train a network with cross-entropy by the command line, and return it.

    One thread: the same machine and library versions give the same weights.

    Args:
        model: The network; it stays as it is.
        digits: What it learns.
        stages: Epochs and learning rate of one training after the other.
    """
    with tempfile.TemporaryDirectory() as folder:
        network, data = Path(folder, "network.onnx"), Path(folder, "digits.npz")
        onnx.save(model, network)
        np.savez(data, image=digits.images(), labels=digits.labels)
        command = (sys.executable, "-m", "pytest_energy", "train", network, "-o", network, "--inputs", data)
        for epochs, rate in stages:
            given = ("--epochs", str(epochs), "--learning-rate", str(rate), *_RECIPE.split())
            subprocess.run([*command, *given], check=True)
        return onnx.load(network)


def main() -> None:
    """Draw, train, and write the model with its accuracy."""
    training, held_out = split_digits()
    model = train(untrained(), training)
    save(model, _OUTPUT, accuracy(run(model, held_out.images()), held_out), {"script": Path(__file__).name})


if __name__ == "__main__":
    main()
