"""RSSAN: a residual network whose blocks attend to bands and to places."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hyperpoint.comparisons.networks.base import PatchNetwork

NUM_FILTERS = 32
NUM_BLOCKS = 2
# The hidden layer of an attention to bands is so many times smaller than their number.
REDUCTION = 8


class RSSAN(PatchNetwork):
    """Residual spectral-spatial attention network on patches of 17 x 17 pixels and all bands.

    Zhu, Jiao, Liu, Yang, Wang: "Residual Spectral-Spatial Attention Network for Hyperspectral Image Classification",
    IEEE TGRS 59 (2021). Attention to the bands and then to the places of the raw patch; a convolution (32 filters,
    3 x 3); two residual blocks of two convolutions, in each of which the same two attentions refine what is added to
    the shortcut; a fully connected layer.

    The article itself was not at hand: the sizes are those on which public code agrees, and the attentions are those of
    CBAM (Woo et al., ECCV 2018), after which they are made: one sigmoid over the sum of what a shared perceptron makes
    of mean and maximum. Where that code differs it is not followed: it takes a second sigmoid within that perceptron,
    and multiplies the refined features of a block with the unrefined ones. Nor is the sigmoid between the last layer
    and the cross-entropy in the copy that Ren et al. released for single spectra: a mistake, since cross-entropy takes
    logits, and bounds them to 0..1, so that of 44 classes none can be given more than 6 %.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(width, num_channels)
        self.bands, self.places = BandAttention(num_channels), PlaceAttention()
        self.stem = convolution(num_channels)
        self.blocks = nn.Sequential(*(ResidualBlock() for _ in range(NUM_BLOCKS)))
        self.head = nn.Linear(NUM_FILTERS * width * width, num_classes)

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes); the middle pixel is seen as part of the patch alone."""
        features = self.blocks(self.stem(self.places(self.bands(windows))).relu())
        logits: Tensor = self.head(features.flatten(1))
        return logits


class ResidualBlock(nn.Module):
    """Two convolutions, attention to channels and places, shortcut, ReLU: (N, 32, h, w) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = convolution(NUM_FILTERS), convolution(NUM_FILTERS)
        self.bands, self.places = BandAttention(NUM_FILTERS), PlaceAttention()

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        refined: Tensor = self.places(self.bands(self.second(self.first(x).relu())))
        return (x + refined).relu()


class BandAttention(nn.Module):
    """Multiply each channel with a weight in 0..1 that mean and maximum of all channels decide."""

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        hidden = max(1, num_channels // REDUCTION)
        self.perceptron = nn.Sequential(nn.Linear(num_channels, hidden), nn.ReLU(), nn.Linear(hidden, num_channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, h, w) -> the same."""
        weights: Tensor = (self.perceptron(x.mean(dim=(2, 3))) + self.perceptron(x.amax(dim=(2, 3)))).sigmoid()
        return x * weights[:, :, None, None]


class PlaceAttention(nn.Module):
    """Multiply each pixel with a weight in 0..1 that mean and maximum of its neighbours' channels decide."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 1, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, h, w) -> the same."""
        summary = torch.cat([x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1)
        weights: Tensor = self.convolution(summary).sigmoid()
        return x * weights


def convolution(num_in: int) -> nn.Sequential:
    """Return a convolution, 32 filters of 3 x 3, with batch normalisation."""
    return nn.Sequential(
        nn.Conv2d(num_in, NUM_FILTERS, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(NUM_FILTERS)
    )
