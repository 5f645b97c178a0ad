"""The first convolutional network of single spectra."""

from __future__ import annotations

from torch import Tensor, nn

from hyperpoint.comparisons.networks.base import PatchNetwork

NUM_FILTERS = 20
# The kernel is a ninth of the spectrum; pooling leaves at most so many values.
KERNEL_SHARE = 9
MAX_POOLED = 40
NUM_HIDDEN = 100


class CNN1D(PatchNetwork):
    """The five-layer 1-D network on single spectra, without neighbourhood.

    Hu, Huang, Wei, Zhang, Li: "Deep Convolutional Neural Networks for Hyperspectral Image Classification", Journal of
    Sensors 2015: a convolution (20 filters of a ninth of the bands), max-pooling down to 30 to 40 values (the smallest
    window that leaves 40 or fewer, which gives the article's sizes for all of its images), a fully connected layer of
    100, the classes; hyperbolic tangents.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(width, num_channels)
        kernel = max(1, num_channels // KERNEL_SHARE)
        length = num_channels - kernel + 1
        pool = -(-length // MAX_POOLED)
        self.patch_bytes = 2 * 4 * NUM_FILTERS * length
        pooling = nn.MaxPool1d(pool, ceil_mode=True)
        self.convolution = nn.Sequential(nn.Conv1d(1, NUM_FILTERS, kernel), nn.Tanh(), pooling)
        self.head = nn.Sequential(
            nn.Linear(NUM_FILTERS * -(-length // pool), NUM_HIDDEN), nn.Tanh(), nn.Linear(NUM_HIDDEN, num_classes)
        )

    def features(self, x: Tensor) -> Tensor:
        """Return nothing of the neighbourhood, (N, 0, h, w)."""
        return x[:, :0]

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes) of the middle pixels."""
        logits: Tensor = self.head(self.convolution(centres.unsqueeze(1)).flatten(1))
        return logits
