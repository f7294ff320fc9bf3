"""Architectures as people write them in PyTorch, small: each by name, with a batch of four."""

import torch
from torch import nn
from torch.nn import functional

BATCH, LENGTH, WORDS, WIDTH, CLASSES = 4, 7, 20, 16, 5


class VisionTransformer(nn.Module):
    """Patches by a convolution, a class token, learned positions, and a layer that normalises first."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.positions = nn.Parameter(torch.randn(1, 10, WIDTH) * 0.1)
        self.layer = nn.TransformerEncoderLayer(
            WIDTH, 2, 24, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        patches = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(x), -1, -1), patches], dim=1) + self.positions
        return self.head(self.norm(self.layer(tokens))[:, 0])


class UNet(nn.Module):
    """Down by pooling, up by a transposed convolution and by resizing; shortcuts are concatenated."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.deep = self.block(3, 8), self.block(8, 12), self.block(12, 16)
        self.up = nn.ConvTranspose2d(16, 12, 2, stride=2)
        self.third, self.fourth = self.block(24, 12), self.block(20, 8)
        self.head = nn.Conv2d(8, CLASSES, 1)

    @staticmethod
    def block(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
        )

    def forward(self, x):
        wide = self.first(x)
        narrow = self.second(functional.max_pool2d(wide, 2))
        deep = self.up(self.deep(functional.max_pool2d(narrow, 2)))
        back = self.third(torch.cat([deep, narrow], dim=1))
        back = functional.interpolate(back, scale_factor=2, mode="bilinear", align_corners=False)
        return self.head(self.fourth(torch.cat([back, wide], dim=1))).mean(dim=(2, 3))


class LanguageModel(nn.Module):
    """Causal attention in one projection, and a head that is the embedding once more."""

    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(WORDS, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.before, self.between, self.after = (nn.LayerNorm(WIDTH) for _ in range(3))
        self.attend, self.mixed = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, tokens):
        x = self.words(tokens) + self.positions(torch.arange(LENGTH))
        q, k, v = (
            each.unflatten(-1, (2, WIDTH // 2)).transpose(1, 2)
            for each in self.attend(self.before(x)).split(WIDTH, dim=2)
        )
        scores = q @ k.transpose(-2, -1) / (WIDTH // 2) ** 0.5
        future = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
        seen = scores.masked_fill(future, float("-inf")).softmax(dim=-1) @ v
        x = x + self.mixed(seen.transpose(1, 2).flatten(2))
        x = x + self.down(functional.gelu(self.up(self.between(x)), approximate="tanh"))
        return (self.after(x) @ self.words.weight.T)[:, -1]


class InvertedResidual(nn.Module):
    """A block of MobileNetV3: widened, convolved by depth, its channels weighed, and narrowed."""

    def __init__(self, width, expanded):
        super().__init__()
        self.wide = nn.Sequential(
            nn.Conv2d(width, expanded, 1, bias=False), nn.BatchNorm2d(expanded), nn.Hardswish()
        )
        self.depth = nn.Sequential(
            nn.Conv2d(expanded, expanded, 5, padding=2, groups=expanded, bias=False),
            nn.BatchNorm2d(expanded),
            nn.Hardswish(),
        )
        self.squeeze, self.excite = nn.Conv2d(expanded, 6, 1), nn.Conv2d(6, expanded, 1)
        self.narrow = nn.Sequential(nn.Conv2d(expanded, width, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.depth(self.wide(x))
        weighed = functional.hardsigmoid(
            self.excite(functional.relu(self.squeeze(functional.adaptive_avg_pool2d(y, 1))))
        )
        return x + self.narrow(y * weighed)


class MobileNet(nn.Module):
    """Two such blocks behind a stem with steps."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.Hardswish()
        )
        self.blocks = nn.Sequential(InvertedResidual(8, 20), InvertedResidual(8, 12))
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.head(functional.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1).flatten(1))


class ConvNeXt(nn.Module):
    """A stem of patches, and a block that normalises over channels, which it moves to the end."""

    def __init__(self):
        super().__init__()
        self.stem, self.depth = (
            nn.Conv2d(3, WIDTH, 2, stride=2),
            nn.Conv2d(WIDTH, WIDTH, 7, padding=3, groups=WIDTH),
        )
        self.norm, self.last = nn.LayerNorm(WIDTH, eps=1e-6), nn.LayerNorm(WIDTH, eps=1e-6)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.scale = nn.Parameter(torch.rand(WIDTH))
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(self.depth(x).permute(0, 2, 3, 1))
        y = self.scale * self.down(functional.gelu(self.up(y)))
        x = x + y.permute(0, 3, 1, 2)
        return self.head(self.last(x.mean(dim=(2, 3))))


class GroupedResNet(nn.Module):
    """A residual block that normalises groups, pooled with overlap, its shortcut with steps."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(4, 8)
        self.one, self.two = (
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.Conv2d(16, 16, 3, padding=1, groups=4),
        )
        self.first, self.second = nn.GroupNorm(4, 16), nn.GroupNorm(1, 16)
        self.shortcut = nn.Conv2d(8, 16, 1, stride=2)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, x):
        x = functional.max_pool2d(functional.silu(self.norm(self.stem(x))), 3, stride=1, padding=1)
        y = self.second(self.two(functional.silu(self.first(self.one(x)))))
        return self.head(functional.leaky_relu(y + self.shortcut(x)).mean(dim=(2, 3)))


class Classifier(nn.Module):
    """Convolutions over time as text and sound have them, dilated, with a gate; the largest counts."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.wide, self.far = nn.Conv1d(WIDTH, 24, 3, padding=1), nn.Conv1d(12, 12, 3, padding=2, dilation=2)
        self.norm, self.head = nn.BatchNorm1d(12), nn.Linear(12, CLASSES)

    def forward(self, tokens):
        x = functional.glu(self.wide(self.words(tokens).transpose(1, 2)), dim=1)
        return self.head(self.norm(self.far(x)).amax(dim=2))


def tokens():
    return torch.randint(0, WORDS, (BATCH, LENGTH))


def images():
    return torch.randn(BATCH, 3, 12, 12)


MODELS = {
    "vision transformer": (VisionTransformer, images),
    "U-Net": (UNet, images),
    "language model": (LanguageModel, tokens),
    "MobileNet": (MobileNet, images),
    "ConvNeXt": (ConvNeXt, images),
    "ResNet of groups": (GroupedResNet, images),
    "convolutions over time": (Classifier, tokens),
}
"""Module and batch by name."""
