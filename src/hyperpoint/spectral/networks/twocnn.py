"""The paper's modified TwoCNN: a spectral branch, and average pooling in the place of the spatial branch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hyperpoint.spectral.networks.classifier import NetworkClassifier
from hyperpoint.spectral.networks.layers import Dense, Generators, NormalisedConvolution, PooledConvolution

# The spectral branch of the authors' released network (Ren et al. 2024), after Yang, Zhao and Chan (TGRS 2017).
NUM_FILTERS = (32, 20)
KERNELS = (3, 5)
POOL = 5
NUM_HIDDEN = 400
# The paper gives no size for the lightness branch.
NUM_LIGHTNESS = 16


@dataclass(eq=False)
class TwoCNN(NetworkClassifier):
    """The modified TwoCNN of the paper (section 3.3): spectral features, and lightness by average pooling.

    Spectral branch: convolution (32 filters of 3 bands), batch normalisation, ReLU, max-pooling by 5, convolution
    (20 of 5), batch normalisation, ReLU. Lightness branch: the mean of the spectrum (after max normalisation: how high
    it lies below its peak), a fully connected layer of 16, ReLU. Both are joined and go through a fully connected
    layer of 400 with ReLU to the classes. With few bands a kernel or pooling window shrinks to what is left
    of the spectrum.
    """

    def _build(self, num_bands: int, num_classes: int, generators: Generators) -> nn.Module:
        return TwoCNNStack(num_bands, num_classes, generators)


class SpectralBranch(nn.Module):
    """Two convolutions along the spectrum with max-pooling between: (members, samples, bands) -> flat features.

    Each is followed by batch normalisation and ReLU. With few bands a kernel or pooling window shrinks to what is left
    of the spectrum. `num_features` is how many features a spectrum has.
    """

    def __init__(
        self, num_bands: int, generators: Generators, num_filters: tuple[int, int], kernels: tuple[int, int], pool: int
    ) -> None:
        super().__init__()
        kernel = min(kernels[0], num_bands)
        pool = min(pool, num_bands - kernel + 1)
        length = (num_bands - kernel + 1) // pool
        self.first = PooledConvolution(num_filters[0], kernel, pool, generators)
        kernel = min(kernels[1], length)
        self.second = NormalisedConvolution(num_filters[0], num_filters[1], kernel, generators)
        self.num_features = num_filters[1] * (length - kernel + 1)

    def forward(self, x: Tensor) -> Tensor:
        """(members, samples, bands) -> (members, samples, num_features)."""
        features: Tensor = self.second(self.first(x)).transpose(1, 2).flatten(2)
        return features


class TwoCNNStack(nn.Module):
    """A stack of modified TwoCNNs: (members, samples, bands) -> logits (members, samples, num_classes)."""

    def __init__(self, num_bands: int, num_classes: int, generators: Generators) -> None:
        super().__init__()
        self.spectral = SpectralBranch(num_bands, generators, NUM_FILTERS, KERNELS, POOL)
        self.lightness = Dense(1, NUM_LIGHTNESS, generators)
        self.hidden = Dense(self.spectral.num_features + NUM_LIGHTNESS, NUM_HIDDEN, generators)
        self.head = Dense(NUM_HIDDEN, num_classes, generators)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (members, samples, num_classes) for spectra (members, samples, bands)."""
        lightness = self.lightness(x.mean(dim=2, keepdim=True)).relu()
        logits: Tensor = self.head(self.hidden(torch.cat([self.spectral(x), lightness], dim=2)).relu())
        return logits
