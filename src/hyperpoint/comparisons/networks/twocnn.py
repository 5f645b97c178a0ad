"""TwoCNN as it was published: a branch along the spectrum, and one over the neighbourhood."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.networks.initialising import generator
from hyperpoint.spectral.networks.twocnn import NUM_HIDDEN, POOL, SpectralBranch

NUM_SPECTRAL_FILTERS = (20, 20)
SPECTRAL_KERNELS = (16, 16)
NUM_SPATIAL_FILTERS = 30


class TwoCNN(PatchNetwork):
    """TwoCNN with its spatial branch, on the spectrum of a pixel and the 21 x 21 pixels around it.

    Yang, Zhao, Chan: "Learning and Transferring Deep Joint Spectral-Spatial Features for Hyperspectral Classification",
    IEEE TGRS 55 (2017). Spectral branch: two convolutions along the spectrum (20 filters of 16 bands), max-pooling
    by 5 between. Spatial branch: two convolutions (30 filters of 3 x 3) of the neighbourhood's mean over the bands,
    max-pooling by 2 between. Both are joined in a fully connected layer of 400.

    The article was not at hand; the sizes are those on which public code agrees, the copy of Ren et al. among it, as is
    batch normalisation after each convolution. The spectral branch is the class that the paper's modified TwoCNN has.
    Learning first on another image and transferring what was learned, the article's second part, is no part of this.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(width, num_channels)
        self.spectral = SpectralBranch(num_channels, [generator()], NUM_SPECTRAL_FILTERS, SPECTRAL_KERNELS, POOL)
        self.spatial = nn.Sequential(*_convolution(1), nn.MaxPool2d(2), *_convolution(NUM_SPATIAL_FILTERS))
        # A neighbourhood's maps, and a spectrum's, which its branch computes at several offsets at once.
        self.patch_bytes = 4 * (3 * NUM_SPATIAL_FILTERS * width * width + 3 * NUM_SPECTRAL_FILTERS[0] * num_channels)
        num_features = self.spectral.num_features + NUM_SPATIAL_FILTERS * (width // 2) ** 2
        self.hidden = nn.Linear(num_features, NUM_HIDDEN)
        self.head = nn.Linear(NUM_HIDDEN, num_classes)

    def features(self, x: Tensor) -> Tensor:
        """Return the mean over the bands, (N, 1, h, w)."""
        return x.mean(dim=1, keepdim=True)

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes)."""
        spectral = self.spectral(centres.contiguous()[None])[0]
        joined = torch.cat([spectral, self.spatial(windows).flatten(1)], dim=1)
        logits: Tensor = self.head(self.hidden(joined).relu())
        return logits


def _convolution(num_in: int) -> tuple[nn.Module, ...]:
    return (
        nn.Conv2d(num_in, NUM_SPATIAL_FILTERS, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(NUM_SPATIAL_FILTERS),
        nn.ReLU(),
    )
