"""The models that training steps are compared on, as PyTorch modules, each with a batch."""

import torch
from torch import nn
from torch.nn import functional


def convolution(inputs, outputs, kernel=1, stride=1, **more):
    activation, groups = more.get("activation", nn.ReLU), more.get("groups", 1)
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([activation()] if activation else []))


class Residual(nn.Module):
    """Adds a shortcut, projected where the shape changes."""

    def __init__(self, path, inputs, outputs, stride):
        super().__init__()
        self.path = path
        changes = inputs != outputs or stride > 1
        self.shortcut = convolution(inputs, outputs, 1, stride, activation=None) if changes else nn.Identity()

    def forward(self, x):
        return functional.relu(self.path(x) + self.shortcut(x))


def bottleneck(inputs, width, stride):
    path = nn.Sequential(
        convolution(inputs, width),
        convolution(width, width, 3, stride),
        convolution(width, 4 * width, activation=None),
    )
    return Residual(path, inputs, 4 * width, stride)


def basic(inputs, width, stride):
    path = nn.Sequential(convolution(inputs, width, 3, stride), convolution(width, width, 3, activation=None))
    return Residual(path, inputs, width, stride)


def resnet50():
    layers, inputs = [convolution(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1)], 64
    for width, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for index in range(count):
            layers.append(bottleneck(inputs, width, stride if index == 0 else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


def cifar_resnet():
    layers, inputs = [convolution(3, 16, 3)], 16
    for width, stride in ((16, 1), (32, 2), (64, 2)):
        for index in range(3):
            layers.append(basic(inputs, width, stride if index == 0 else 1))
            inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


class ShuffleUnit(nn.Module):
    """Half of the channels pass by, or all are halved in space; then both halves are shuffled."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        half, self.stride = outputs // 2, stride
        own = inputs if stride > 1 else inputs // 2
        self.path = nn.Sequential(
            convolution(own, half),
            convolution(half, half, 3, stride, groups=half, activation=None),
            convolution(half, half),
        )
        beside = (convolution(own, own, 3, stride, groups=own, activation=None), convolution(own, half))
        self.beside = nn.Sequential(*beside) if stride > 1 else nn.Identity()

    def forward(self, x):
        left, right = (x, x) if self.stride > 1 else x.chunk(2, dim=1)
        both = torch.cat((self.beside(left), self.path(right)), dim=1)
        batch, channels, height, width = both.shape
        return both.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(both.shape)


def shufflenet():
    layers, inputs = [convolution(3, 24, 3, 2), nn.MaxPool2d(3, 2, 1)], 24
    for outputs, count in ((116, 4), (232, 8), (464, 4)):
        for index in range(count):
            layers.append(ShuffleUnit(inputs, outputs, 2 if index == 0 else 1))
            inputs = outputs
    return nn.Sequential(
        *layers, convolution(inputs, 1024), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000)
    )


class Fire(nn.Module):
    """Squeezes channels, then expands them by two convolutions side by side."""

    def __init__(self, inputs, squeezed, expanded):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.points, self.windows = nn.Conv2d(squeezed, expanded, 1), nn.Conv2d(squeezed, expanded, 3, 1, 1)

    def forward(self, x):
        small = functional.relu(self.squeeze(x))
        return torch.cat((functional.relu(self.points(small)), functional.relu(self.windows(small))), dim=1)


def squeezenet():
    return nn.Sequential(
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        Fire(64, 16, 64), Fire(128, 16, 64), nn.MaxPool2d(3, 2),
        Fire(128, 32, 128), Fire(256, 32, 128), nn.MaxPool2d(3, 2),
        Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
        nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def perceptron():
    return nn.Sequential(
        nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(), nn.Linear(1024, 10)
    )


class Encoder(nn.Module):
    """Four layers of a transformer on embedded tokens."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(1000, 256)
        layer = nn.TransformerEncoderLayer(256, 4, 1024, dropout=0.0, batch_first=True, activation="gelu")
        self.layers = nn.TransformerEncoder(layer, 4, enable_nested_tensor=False)
        self.head = nn.Linear(256, 10)

    def forward(self, tokens):
        return self.head(self.layers(self.tokens(tokens)).mean(dim=1))


def images(count, size):
    return lambda: torch.randn(count, 3, size, size)


MODELS = {
    "MLP": (perceptron, lambda: torch.randn(64, 784), 10),
    "transformer": (Encoder, lambda: torch.randint(0, 1000, (8, 64)), 10),
    "resnet50": (resnet50, images(4, 224), 1000),
    "shufflenet": (shufflenet, images(8, 224), 1000),
    "squeezenet": (squeezenet, images(4, 224), 1000),
    "CIFAR ResNet": (cifar_resnet, images(32, 32), 10),
}
"""Module, batch and number of classes by name."""
