"""JigsawHSI: filters of several sizes side by side, and the middle pixel beside them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.networks.initialising import initialise_convolutions

# Filters, kernels and stride of the convolutions along the spectrum.
SPECTRAL_FILTERS = (64, 32, 16)
SPECTRAL_KERNELS = (7, 5, 3)
SPECTRAL_STRIDE = 2
# The filters side by side: (size, how many).
JIGSAW = ((3, 64), (5, 16), (7, 16), (9, 16))
NUM_HIDDEN = 256
NUM_CENTRE = 16
NUM_JOINED = 128
DROPOUT = 0.4


class JigsawHSI(PatchNetwork):
    """JigsawHSI on patches of 17 x 17 pixels and all bands.

    Moraga, Duzgun: "JigsawHSI: a network for Hyperspectral Image classification", arXiv 2206.02327. Each spectrum is
    normalised (layer normalisation) and goes through three convolutions along it (64, 32, 16 filters of 7, 5, 3 bands,
    stride 2); convolutions of 3 x 3 (64 filters), 5 x 5, 7 x 7 and 9 x 9 pixels (16 each) side by side, each after one
    of 1 x 1, make 112 maps of them; fully connected layers of 256 for these, twice 16 for the middle pixel, 128 for
    both joined, with dropout of 0.4.

    Of the variants that its author published this is the one that takes all bands, "3D", with filters up to 9: that of
    which Ren et al. released a copy. As its author has it, all convolutions have ReLU and the fully connected layers
    none (that copy has none in the convolutions of 2-D either). The regularisers on weights and activations (1e-3 and
    1e-5) are left out, so that all methods share one loss. With few bands a kernel shrinks to what is left of the
    spectrum.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(width, num_channels)
        layers: list[nn.Module] = []
        num_in, length, widest = 1, num_channels, 0
        for num_out, longest in zip(SPECTRAL_FILTERS, SPECTRAL_KERNELS, strict=True):
            kernel = min(longest, length)
            layers += [nn.Conv3d(num_in, num_out, (kernel, 1, 1), stride=(SPECTRAL_STRIDE, 1, 1)), nn.ReLU()]
            num_in, length = num_out, (length - kernel) // SPECTRAL_STRIDE + 1
            widest = max(widest, num_out * length)
        # What goes into a convolution and what comes out are there at the same time.
        self.feature_bytes = 2 * 4 * widest
        self.normalise = nn.LayerNorm(num_channels)
        self.spectral = nn.Sequential(*layers)
        self.sizes = [num for _, num in JIGSAW]
        self.reduce = nn.Conv2d(num_in * length, sum(self.sizes), kernel_size=1)
        self.jigsaw = nn.ModuleList(nn.Conv2d(num, num, size, padding=size // 2) for size, num in JIGSAW)
        self.patch_bytes = 4 * 4 * sum(self.sizes) * width * width
        initialise_convolutions(self)
        self.hidden = _dense(sum(self.sizes) * width * width, NUM_HIDDEN)
        self.centre = nn.Sequential(_dense(num_channels, NUM_CENTRE), _dense(NUM_CENTRE, NUM_CENTRE))
        self.joined = _dense(NUM_HIDDEN + NUM_CENTRE, NUM_JOINED)
        self.head = nn.Linear(NUM_JOINED, num_classes)

    def features(self, x: Tensor) -> Tensor:
        """Return what the convolutions along the spectrum and of 1 x 1 make of each pixel, (N, 112, h, w)."""
        normal = self.normalise(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        reduced: Tensor = self.reduce(self.spectral(normal.unsqueeze(1)).flatten(1, 2))
        return reduced.relu()

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes)."""
        parts = zip(self.jigsaw, torch.split(windows, self.sizes, dim=1), strict=True)
        maps = torch.cat([one(part).relu() for one, part in parts], dim=1)
        joined = torch.cat([self.centre(centres), self.hidden(maps.flatten(1))], dim=1)
        logits: Tensor = self.head(self.joined(joined))
        return logits


def _dense(num_in: int, num_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(num_in, num_out), nn.Dropout(DROPOUT))
