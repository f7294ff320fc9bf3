"""Train a transformer encoder on handwritten digits and write ``digits-transformer.onnx`` beside this script.

A digit is read as a sentence: 64 pixels, row by row, each one of 17 words for its brightness.
"""

from pathlib import Path

import numpy as np
import torch
from digits import split_digits
from onnx_file import accuracy, run, save
from torch import nn
from training import Recipe, export, predict, train

_OUTPUT = Path(__file__).with_name("digits-transformer.onnx")
_RECIPE = Recipe(epochs=80, learning_rate=4e-3)
_WORDS = 17
_NOISE = 2
_LENGTH = 64
_WIDTH = 64
_HEADS = 4
_LAYERS = 2


class BrightnessNoise(nn.Module):
    """While training, makes each pixel brighter or darker by up to two words; else passes tokens through.

    To an embedding, neighbouring words have nothing in common. The noise teaches that they are nearly the
    same, which so few digits cannot: without it, about five points of accuracy are lost.
    """

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return tokens of the same shape, still from 0 to 16."""
        if not self.training:
            return tokens
        return (tokens + torch.randint_like(tokens, -_NOISE, _NOISE + 1)).clamp(0, _WORDS - 1)


class SelfAttention(nn.Module):
    """Every position looks at every other, in several heads."""

    def __init__(self) -> None:
        super().__init__()
        self.project_in = nn.Linear(_WIDTH, 3 * _WIDTH)
        self.project_out = nn.Linear(_WIDTH, _WIDTH)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Mix positions; shape [batch, length, width] in and out."""
        parts = self.project_in(hidden).chunk(3, dim=-1)
        query, key, value = (part.unflatten(-1, (_HEADS, -1)).transpose(1, 2) for part in parts)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value)
        return self.project_out(mixed.transpose(1, 2).flatten(2))


class EncoderLayer(nn.Module):
    """Attention, then a two-layer perceptron, each normalised first and added to what came in."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(_WIDTH), SelfAttention(), nn.Dropout(0.1))
        self.perceptron = nn.Sequential(
            nn.LayerNorm(_WIDTH),
            nn.Linear(_WIDTH, 2 * _WIDTH),
            nn.GELU(),
            nn.Linear(2 * _WIDTH, _WIDTH),
            nn.Dropout(0.1),
        )

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Encode once more; shape [batch, length, width] in and out."""
        hidden = hidden + self.attention(hidden)
        return hidden + self.perceptron(hidden)


class Encoder(nn.Module):
    """Tokens to logits: embedding with learned positions, encoder layers, mean over positions, classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Sequential(BrightnessNoise(), nn.Embedding(_WORDS, _WIDTH))
        self.positions = nn.Parameter(torch.randn(_LENGTH, _WIDTH))
        self.layers = nn.Sequential(*(EncoderLayer() for _ in range(_LAYERS)))
        self.classifier = nn.Sequential(nn.LayerNorm(_WIDTH), nn.Linear(_WIDTH, 10))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Classify; tokens of shape [batch, 64] with values from 0 to 16, logits of shape [batch, 10]."""
        hidden = self.layers(self.words(tokens) + self.positions)
        return self.classifier(hidden.mean(dim=1))


def main() -> None:
    """Train, export, compare PyTorch with ONNX Runtime, and write the model."""
    training, held_out = split_digits()
    network = train(Encoder, torch.from_numpy(training.tokens()), torch.from_numpy(training.labels), _RECIPE)
    tokens = held_out.tokens()
    model = export(network, torch.from_numpy(tokens[:2]), "tokens")
    logits = run(model, tokens)
    np.testing.assert_allclose(logits, predict(network, torch.from_numpy(tokens)), rtol=1e-3, atol=1e-4)
    save(model, _OUTPUT, accuracy(logits, held_out), {"script": Path(__file__).name})


if __name__ == "__main__":
    main()
