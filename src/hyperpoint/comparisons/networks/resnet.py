"""The ResNets with which Huang et al. classify hyperspectral patches."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from hyperpoint.comparisons.networks.base import PatchNetwork

NUM_STEM_FILTERS = 64
# Of ResNet-50's last stage: 2048 channels at 5 x 5 positions.
MAX_ACTIVATIONS = 2048 * 25


class PatchResNet(PatchNetwork):
    """A ResNet on patches of 11 x 11 pixels and all bands.

    Huang, Shen, Fu, You: "Weakly-supervised Semantic Segmentation in Cityscape via Hyperspectral Image",
    arXiv 2012.10122, with the ResNets of He et al. (CVPR 2016). As in the code of its first author the first
    convolution is one of 3 x 3 without stride and without padding, and after the max-pooling no stage is strided, so
    that a patch keeps 5 x 5 positions to the end. Weights start at random, as there: there are none for so many bands.
    """

    def __init__(self, num_channels: int, num_classes: int, width: int, block: Any, num_blocks: list[int]) -> None:
        super().__init__(width, num_channels)
        self.patch_bytes += 3 * 4 * MAX_ACTIVATIONS
        self.network: Any = ResNet(block, num_blocks, num_classes=num_classes)
        self.network.conv1 = nn.Conv2d(num_channels, NUM_STEM_FILTERS, kernel_size=3, bias=False)
        nn.init.kaiming_normal_(self.network.conv1.weight, mode="fan_out", nonlinearity="relu")
        for part in self.network.modules():
            if isinstance(part, nn.Conv2d):
                part.stride = (1, 1)

    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes); the middle pixel is seen as part of the patch alone."""
        logits: Tensor = self.network(windows)
        return logits


class ResNet50(PatchResNet):
    """The ResNet-50 of the paper's Table 4."""

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(num_channels, num_classes, width, Bottleneck, [3, 4, 6, 3])


class ResNet18(PatchResNet):
    """A smaller one, for where ResNet-50 takes too long."""

    def __init__(self, num_channels: int, num_classes: int, width: int) -> None:
        super().__init__(num_channels, num_classes, width, BasicBlock, [2, 2, 2, 2])
