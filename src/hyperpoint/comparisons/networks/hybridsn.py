"""HybridSN as it was published: convolutions over space and spectrum, then over space."""

from __future__ import annotations

from torch import Tensor, nn

from hyperpoint.comparisons.networks.base import PatchNetwork
from hyperpoint.comparisons.networks.initialising import generator, initialise_convolutions
from hyperpoint.spectral.networks.hybridsn import KERNELS, NUM_FILTERS, dense_head

NUM_SPATIAL_FILTERS = 64
SPATIAL_KERNEL = 3
NUM_CONVOLUTIONS = len(KERNELS) + 1


class HybridSN(PatchNetwork):
    """HybridSN on patches of 25 x 25 pixels and 30 principal components.

    Roy, Krishna, Dubey, Chaudhuri: "HybridSN: Exploring 3-D-2-D CNN Feature Hierarchy for Hyperspectral Image
    Classification", IEEE GRSL 17 (2020), table I: three 3-D convolutions (8, 16, 32 filters of 3 x 3 pixels and 7, 5,
    3 components), a 2-D convolution (64 of 3 x 3) over their outputs, all with ReLU and without padding; fully
    connected layers of 256 and 128 with dropout of 0.4. Those, and the kernels, are shared with the spectral HybridSN.

    The article takes 30 components of one image of 200 bands, and 15 of those with fewer classes; here they are the 30
    of the training spectra of all scenes, scaled to a variance of 1 as in its authors' code, or as many as there are.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        window = width - NUM_CONVOLUTIONS * (SPATIAL_KERNEL - 1)
        super().__init__(width, num_channels, window)
        layers: list[nn.Module] = []
        num_in, length, widest = 1, num_channels, 0
        for num_out, longest in zip(NUM_FILTERS, KERNELS, strict=True):
            kernel = min(longest, length)
            layers += [nn.Conv3d(num_in, num_out, (kernel, SPATIAL_KERNEL, SPATIAL_KERNEL)), nn.ReLU()]
            num_in, length = num_out, length - kernel + 1
            widest = max(widest, num_out * length)
        self.feature_bytes = 2 * 4 * widest
        self.spectral = nn.Sequential(*layers)
        self.spatial = nn.Conv2d(num_in * length, NUM_SPATIAL_FILTERS, SPATIAL_KERNEL)
        self.patch_bytes = 3 * 4 * NUM_SPATIAL_FILTERS * window * window
        initialise_convolutions(self)
        self.head = dense_head(NUM_SPATIAL_FILTERS * window * window, num_classes, [generator()])

    def features(self, x: Tensor) -> Tensor:
        """Return what the convolutions leave, (N, 64, h - 8, w - 8)."""
        maps: Tensor = self.spatial(self.spectral(x.unsqueeze(1)).flatten(1, 2))
        return maps.relu()

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes); the middle pixel is seen as part of the patch alone."""
        logits: Tensor = self.head(windows.flatten(1)[None])[0]
        return logits
