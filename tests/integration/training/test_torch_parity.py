"""Training steps against PyTorch: gradients per tensor, and the losses of twenty steps."""

import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: training steps are not compared with it")
pytest.importorskip("onnxscript", reason="onnxscript is not installed: torch exports nothing without it")

from torch import nn  # noqa: E402 - torch may be missing
from torch.nn import functional  # noqa: E402

from pytest_energy.training.lowering import Lowering  # noqa: E402
from pytest_energy.training.optimizers import AdamW, Momentum, Sgd  # noqa: E402
from pytest_energy.training.recipe import Recipe  # noqa: E402
from pytest_energy.training.training_step import training_step  # noqa: E402

BATCH, CLASSES, STEPS = 8, 10, 20
GRADIENT_TOLERANCE = 5e-6  # of the largest entry of the tensor
NOISE = 5e-7  # the gradient by a bias before a normalisation is 0, and what is computed is noise
LOSS_TOLERANCE = 2e-4


class Classifier(nn.Module):
    """Convolutions of all kinds, pooling that overlaps, and batch normalisation."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.Conv2d(16, 16, 3, padding=1, groups=16, bias=False),
            nn.BatchNorm2d(16),
            nn.Hardswish(),
            nn.Conv2d(16, 32, 1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(32, 32, 3, padding=2, dilation=2, groups=4),
            nn.BatchNorm2d(32),
            nn.SiLU(),
            nn.AvgPool2d(2),
            nn.Conv2d(32, 24, (3, 1), stride=(2, 1), padding=(1, 0)),
            nn.Sigmoid(),
        )
        self.head = nn.Linear(24, CLASSES)

    def forward(self, x):
        return self.head(self.features(x).mean(dim=(2, 3)))


class Encoder(nn.Module):
    """Token and position embeddings, two layers of a transformer, and a mean over positions."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(50, 32)
        self.positions = nn.Parameter(torch.randn(12, 32) * 0.1)
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True, activation="gelu")
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(32, CLASSES)

    def forward(self, tokens):
        return self.head(self.layers(self.tokens(tokens) + self.positions).mean(dim=1))


def perceptron():
    return nn.Sequential(
        nn.Linear(20, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, CLASSES)
    )


def numbers(*shape):
    return torch.randn(shape)


MODELS = {
    "perceptron": (perceptron, lambda: numbers(BATCH, 20)),
    "convolutions": (Classifier, lambda: numbers(BATCH, 3, 32, 32)),
    "transformer": (Encoder, lambda: torch.randint(0, 50, (BATCH, 12))),
}


def exported(module, x):
    """Export as an inference model, which is what users have; nothing is folded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(module.eval(), (x,), dynamo=True, optimize=False, verbose=False)
    module.train()
    return program.model_proto


@pytest.fixture(scope="module", params=MODELS)
def problem(request):
    """A module, its ONNX model, and a batch."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    build, data = MODELS[request.param]
    module, x = build(), data()
    return module, exported(module, x), x, torch.randint(0, CLASSES, (BATCH,))


@pytest.mark.parametrize("lowering", list(Lowering))
def test_gradients(problem, loop, lowering):
    module, model, x, labels = problem
    module.zero_grad()
    functional.cross_entropy(module(x), labels).backward()
    theirs = {name: each.grad.numpy() for name, each in module.named_parameters()}
    # A step that accumulates and does not update hands out half of the gradient.
    step = training_step(model, Recipe(accumulate=2, lowering=lowering))
    assert set(step.trained) == set(theirs)
    running = loop(step)
    running.take({step.inputs[0]: x.numpy()}, labels.numpy(), apply_update=np.asarray(False))
    for name, gradient in theirs.items():
        error, largest = (
            np.abs(2 * running.states[f"{name}.gradient"] - gradient).max(),
            np.abs(gradient).max(),
        )
        assert error <= (NOISE if largest < NOISE else GRADIENT_TOLERANCE * largest), name


OPTIMIZERS = {
    "sgd": (Sgd(learning_rate=0.05), lambda p: torch.optim.SGD(p, 0.05)),
    "momentum": (Momentum(learning_rate=0.02), lambda p: torch.optim.SGD(p, 0.02, momentum=0.9)),
    "adamw": (AdamW(learning_rate=2e-3), lambda p: torch.optim.AdamW(p, 2e-3, weight_decay=0.01)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_steps(problem, loop, name):
    module, model, x, labels = problem
    ours, theirs = OPTIMIZERS[name]
    before = {key: value.clone() for key, value in module.state_dict().items()}
    optimizer = theirs(module.parameters())
    running = loop(training_step(model, Recipe(optimizer=ours)))
    feeds = {running.step.inputs[0]: x.numpy()}
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = functional.cross_entropy(module(x), labels)
        loss.backward()
        optimizer.step()
        assert running.take(feeds, labels.numpy()) == pytest.approx(loss.item(), rel=LOSS_TOLERANCE)
    module.load_state_dict(before)
