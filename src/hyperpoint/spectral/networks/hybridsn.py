"""HybridSN without its spatial branch."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from hyperpoint.spectral.networks.classifier import NetworkClassifier
from hyperpoint.spectral.networks.layers import Convolution, Dense, Dropout, Generators

# Roy et al., "HybridSN", GRSL 2020, table 1: filters and spectral kernels of the 3-D convolutions, dense layers.
NUM_FILTERS = (8, 16, 32)
KERNELS = (7, 5, 3)
NUM_HIDDEN = (256, 128)
DROPOUT = 0.4


@dataclass(eq=False)
class HybridSN(NetworkClassifier):
    """HybridSN (Roy et al., GRSL 2020) without its spatial branch, as the paper's section 3.3 names it.

    Its three 3-D convolutions become 1-D along the spectrum (8, 16, 32 filters of 7, 5, 3 bands, ReLU), its 2-D
    convolution goes, and the dense layers (256, 128, ReLU, dropout 0.4) stay. With few bands a kernel
    shrinks to what is left of the spectrum.
    """

    def _build(self, num_bands: int, num_classes: int, generators: Generators) -> nn.Module:
        return HybridSNStack(num_bands, num_classes, generators)


class HybridSNStack(nn.Module):
    """A stack of spectral HybridSNs: (members, samples, bands) -> logits (members, samples, num_classes)."""

    def __init__(self, num_bands: int, num_classes: int, generators: Generators) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels, length = 1, num_bands
        for num_filters, widest in zip(NUM_FILTERS, KERNELS, strict=True):
            kernel = min(widest, length)
            layers += [Convolution(channels, num_filters, kernel, generators), nn.ReLU()]
            channels, length = num_filters, length - kernel + 1
        self.convolutions = nn.Sequential(*layers)
        self.dense = dense_head(channels * length, num_classes, generators)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (members, samples, num_classes) for spectra (members, samples, bands)."""
        features = self.convolutions(x.unsqueeze(1)).transpose(1, 2).flatten(2)
        logits: Tensor = self.dense(features)
        return logits


def dense_head(num_features: int, num_classes: int, generators: Generators) -> nn.Sequential:
    """Return HybridSN's dense layers: (members, samples, num_features) -> logits (members, samples, num_classes)."""
    return nn.Sequential(
        Dense(num_features, NUM_HIDDEN[0], generators),
        nn.ReLU(),
        Dropout(DROPOUT, generators),
        Dense(NUM_HIDDEN[0], NUM_HIDDEN[1], generators),
        nn.ReLU(),
        Dropout(DROPOUT, generators),
        Dense(NUM_HIDDEN[1], num_classes, generators),
    )
