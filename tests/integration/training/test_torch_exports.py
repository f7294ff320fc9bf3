"""Gradients of recurrent, attending, mixing and resizing models, as both exporters of PyTorch write them."""

import io
import runpy
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: training steps are not compared with it")
pytest.importorskip("onnxscript", reason="onnxscript is not installed: torch exports nothing without it")

from torch import nn  # noqa: E402 - torch may be missing
from torch.nn import functional  # noqa: E402

from pytest_energy.training.lowering import Lowering  # noqa: E402
from pytest_energy.training.recipe import Recipe  # noqa: E402
from pytest_energy.training.training_step import training_step  # noqa: E402

BATCH, LENGTH, WORDS, WIDTH, CLASSES = 4, 7, 20, 16, 5
TOLERANCE = 5e-6  # of the largest entry of the tensor
NOISE = 1e-6  # what is left of a gradient that is 0


class Recurrent(nn.Module):
    """Two layers in both directions, of which only the last states are used."""

    def __init__(self, layer, **options):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.layers = layer(WIDTH, 6, num_layers=2, bidirectional=True, batch_first=True, **options)
        self.head = nn.Linear(12, CLASSES)

    def forward(self, tokens):
        _, states = self.layers(self.words(tokens))
        states = states[0] if isinstance(states, tuple) else states
        return self.head(torch.cat([states[-2], states[-1]], dim=1))


class Tagger(nn.Module):
    """One layer, of which every state is used; it begins with states that are trained."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.begin = nn.Parameter(torch.randn(2, 1, 1, WIDTH))
        self.layer = nn.LSTM(WIDTH, WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, tokens):
        begin = self.begin.expand(2, 1, tokens.shape[0], WIDTH)
        states, _ = self.layer(self.words(tokens).transpose(0, 1), (begin[0], begin[1]))
        return self.head(torch.tanh(states)).mean(dim=0)


class RootMeanSquare(nn.Module):
    """Written out, for one of the exporters has no RMSNorm."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.rand(WIDTH) + 0.5)

    def forward(self, x):
        return x * (x.square().mean(dim=-1, keepdim=True) + 1e-6).rsqrt() * self.scale


class Decoder(nn.Module):
    """A block as large language models have it: RMSNorm, rotated and causal attention, a gate of SiLU."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.before, self.between = RootMeanSquare(), RootMeanSquare()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(3))
        self.mixed = nn.Linear(WIDTH, WIDTH, bias=False)
        self.gate, self.up, self.down = nn.Linear(WIDTH, 24), nn.Linear(WIDTH, 24), nn.Linear(24, WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)
        angles = torch.arange(LENGTH)[:, None] / 10 ** torch.arange(0, 1, 0.25)
        self.register_buffer("cosine", angles.cos().repeat(1, 2), persistent=False)
        self.register_buffer("sine", angles.sin().repeat(1, 2), persistent=False)

    def rotated(self, x):
        first, second = x.chunk(2, dim=-1)
        return x * self.cosine + torch.cat([-second, first], dim=-1) * self.sine

    def forward(self, tokens):
        x = self.words(tokens)
        heads = [
            each(self.before(x)).unflatten(-1, (2, 8)).transpose(1, 2)
            for each in (self.query, self.key, self.value)
        ]
        seen = functional.scaled_dot_product_attention(
            self.rotated(heads[0]), self.rotated(heads[1]), heads[2], is_causal=True
        )
        x = x + self.mixed(seen.transpose(1, 2).flatten(2))
        normal = self.between(x)
        x = x + self.down(functional.silu(self.gate(normal)) * self.up(normal))
        return self.head(x).mean(dim=1)


class Translator(nn.Module):
    """PyTorch's own encoder and decoder, with a mask."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 2, 24, dropout=0.0, batch_first=True, norm_first=True)
        encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.both = nn.Transformer(WIDTH, 2, 1, 1, 24, 0.0, custom_encoder=encoder, batch_first=True)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, tokens):
        x = self.words(tokens)
        mask = nn.Transformer.generate_square_subsequent_mask(LENGTH)
        return self.head(self.both(x, x, tgt_mask=mask, tgt_is_causal=True)).mean(dim=1)


class Mixer(nn.Module):
    """Attention and mixing written as Einstein sums, with Mish and a maximum."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.mix = nn.Parameter(torch.randn(LENGTH, LENGTH, 2) * 0.3)
        self.out = nn.Parameter(torch.randn(2, WIDTH, CLASSES) * 0.3)

    def forward(self, tokens):
        x = functional.mish(self.words(tokens))
        mixed = torch.einsum("bld,lmh->bmhd", x, self.mix)
        return torch.einsum("bmhd,hdc->bmc", functional.normalize(mixed, dim=-1), self.out).amax(dim=1)


class Upsampler(nn.Module):
    """Down and up again: group and instance normalisation, both kinds of resizing, shuffled pixels."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.group, self.instance = nn.GroupNorm(2, 8), nn.InstanceNorm2d(8, affine=True)
        self.up = nn.Conv2d(8, 8, 3, padding=1)
        self.transposed = nn.ConvTranspose2d(8, 8, 4, stride=2, padding=1, groups=2)
        self.shuffled = nn.PixelShuffle(2)
        self.activation = nn.PReLU(8)
        self.head = nn.Conv2d(2, CLASSES, 1)

    def forward(self, x):
        x = self.group(functional.elu(self.down(x)))
        x = functional.interpolate(x, scale_factor=2, mode="nearest")
        x = self.instance(self.activation(self.up(x)))
        x = functional.interpolate(x, size=(9, 11), mode="bilinear", align_corners=False)
        x = functional.softplus(self.transposed(x))
        return self.head(self.shuffled(x)).mean(dim=(2, 3))


def tokens():
    return torch.randint(0, WORDS, (BATCH, LENGTH))


def images():
    return torch.randn(BATCH, 3, 12, 12)


MODELS = {
    "LSTM": (lambda: Recurrent(nn.LSTM), tokens),
    "GRU": (lambda: Recurrent(nn.GRU), tokens),
    "RNN": (lambda: Recurrent(nn.RNN), tokens),
    "LSTM without bias": (lambda: Recurrent(nn.LSTM, bias=False), tokens),
    "tagger": (Tagger, tokens),
    "decoder": (Decoder, tokens),
    "translator": (Translator, tokens),
    "mixer": (Mixer, tokens),
    "upsampler": (Upsampler, images),
    **runpy.run_path(str(Path(__file__).with_name("torch_architectures.py")))["MODELS"],
}


def by_torch_export(module, x):
    return torch.onnx.export(module, (x,), dynamo=True, optimize=False, verbose=False).model_proto


def with_attention(module, x):
    """The operator set that has Attention and RMSNormalization."""
    options = {"dynamo": True, "optimize": False, "verbose": False, "opset_version": 23}
    return torch.onnx.export(module, (x,), **options).model_proto


def by_script(module, x):
    written = io.BytesIO()
    torch.onnx.export(module, (x,), written, dynamo=False, do_constant_folding=False)
    return onnx.load_from_string(written.getvalue())


EXPORTERS = [by_torch_export, with_attention, by_script]


@pytest.fixture(scope="module", params=MODELS)
def module(request):
    """A module and a batch."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    build, data = MODELS[request.param]
    made = build()
    with torch.no_grad():
        for each in made.parameters():  # one exporter merges equal ones, as scales and biases are at first
            each.add_(torch.randn_like(each) * 0.1)
    return made, data()


@pytest.fixture(scope="module", params=EXPORTERS, ids=lambda each: each.__name__)
def problem(request, module):
    """A module, its batch, labels, and its ONNX model."""
    module, x = module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = request.param(module.eval(), x)
    module.train()
    return module, x, torch.arange(BATCH) % CLASSES, model


@pytest.mark.parametrize("lowering", list(Lowering))
def test_gradients(problem, loop, lowering):
    module, x, labels, model = problem
    module.zero_grad()
    functional.cross_entropy(module(x), labels).backward()
    step = training_step(model, Recipe(accumulate=2, lowering=lowering))
    assert {node.domain for node in step.model.graph.node} == {""}
    theirs = {name: each.grad.numpy() for name, each in module.named_parameters()}
    assert set(theirs) <= set(step.trained)
    running = loop(step)
    running.take({step.inputs[0]: x.numpy()}, labels.numpy(), apply_update=np.asarray(False))
    for name, gradient in theirs.items():
        error = np.abs(2 * running.states[f"{name}.gradient"] - gradient).max()
        assert error <= max(NOISE, TOLERANCE * np.abs(gradient).max()), name
