"""CNN-HSI: perceptrons on every pixel, and their mean over the neighbourhood."""

from __future__ import annotations

from torch import Tensor, nn

from hyperpoint.comparisons.networks.base import PatchNetwork

NUM_FILTERS = (128, 64)
# How many neighbouring channels local response normalisation looks at.
NUM_NORMALISED = 3
DROPOUT = 0.6


class CNNHSI(PatchNetwork):
    """CNN-HSI on patches of 5 x 5 pixels and all bands.

    Yu, Jia, Xu: "Convolutional neural networks for hyperspectral image classification", Neurocomputing 219 (2017):
    convolutions of 1 x 1 (128 and 64 filters, each with ReLU, local response normalisation and dropout of 0.6, then one
    for each class), and average pooling over the patch.

    The article was not at hand; the sizes are those of the copy that the authors of HSICityV2 released. That copy puts
    a ReLU on the scores of the classes too, which is left out: what is below zero could then not be told apart.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(width, num_channels)
        layers: list[nn.Module] = []
        for num_in, num_out in zip((num_channels, *NUM_FILTERS), NUM_FILTERS, strict=False):
            normalise = nn.LocalResponseNorm(NUM_NORMALISED)
            layers += [nn.Conv2d(num_in, num_out, kernel_size=1), nn.ReLU(), normalise, nn.Dropout(DROPOUT)]
        self.scores = nn.Sequential(*layers, nn.Conv2d(NUM_FILTERS[-1], num_classes, kernel_size=1))
        self.feature_bytes = 4 * 4 * NUM_FILTERS[0]
        self.patch_bytes = 2 * 4 * num_classes * width * width

    def features(self, x: Tensor) -> Tensor:
        """Return every pixel's scores, (N, num_classes, h, w)."""
        scores: Tensor = self.scores(x)
        return scores

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes): the mean of the scores."""
        return windows.mean(dim=(2, 3))
