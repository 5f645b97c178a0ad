"""Heads that the libraries lack."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class FCNHead(nn.Module):
    """Convolutions, each with batch normalisation and ReLU, and a 1 x 1 convolution to the classes.

    The head of Long et al., CVPR 2015, as benchmarks of dilated networks use it.

    Parameters
    ----------
    in_channels, channels, num_classes
        Channels of the input, between the convolutions and of the logits.
    num_convs, kernel_size
        How many convolutions there are, and their size.
    concatenate_input
        Whether a further convolution sees the input beside the result of those.
    dropout
        Share of channels dropped before the classes.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        num_classes: int,
        *,
        num_convs: int = 1,
        kernel_size: int = 3,
        concatenate_input: bool = False,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        widths = [in_channels] + [channels] * num_convs
        self.convs = nn.Sequential(*(_conv(a, b, kernel_size) for a, b in pairwise(widths)))
        self.join = _conv(in_channels + channels, channels, kernel_size) if concatenate_input else None
        self.dropout = nn.Dropout2d(dropout)
        self.classifier = nn.Conv2d(channels, num_classes, 1)
        for parameter, std in zip(self.classifier.parameters(), (0.01, 0.0), strict=True):
            nn.init.normal_(parameter, std=std)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, h, w) -> logits (N, num_classes, h, w)."""
        y = self.convs(x)
        if self.join is not None:
            y = self.join(torch.cat([x, y], dim=1))
        logits: Tensor = self.classifier(self.dropout(y))
        return logits


def _conv(num_in: int, num_out: int, kernel_size: int) -> nn.Sequential:
    conv = nn.Conv2d(num_in, num_out, kernel_size, padding=kernel_size // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(conv, nn.BatchNorm2d(num_out), nn.ReLU(inplace=True))


class OnFeature(nn.Module):
    """Apply a head to one of the features, counted as in a sequence (-1: the last, coarsest)."""

    def __init__(self, index: int, head: nn.Module) -> None:
        super().__init__()
        self.index, self.head = index, head

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Return what the head makes of `features[index]`."""
        logits: Tensor = self.head(features[self.index])
        return logits


class OnAllBranches(nn.Module):
    """Bring all features to the size of the first, concatenate them and apply a head (HRNetV2).

    Sun et al., "High-resolution representations for labeling pixels and regions", 2019, section 2.2.
    """

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """[(N, C_i, h_i, w_i), ...] -> logits (N, num_classes, h_0, w_0)."""
        size = features[0].shape[-2:]
        same = [nn.functional.interpolate(one, size=size, mode="bilinear", align_corners=False) for one in features[1:]]
        logits: Tensor = self.head(torch.cat([features[0], *same], dim=1))
        return logits


class DecoderAndHead(nn.Module):
    """A decoder of segmentation-models-pytorch and what makes logits of its result.

    `skipped` is how many features the decoder does not use are missing before those of the encoder.
    """

    def __init__(self, decoder: nn.Module, head: nn.Module, skipped: int = 0) -> None:
        super().__init__()
        self.decoder, self.head, self.skipped = decoder, head, skipped

    def forward(self, features: Sequence[Tensor] | tuple[Sequence[Tensor], Sequence[Tensor]]) -> Tensor:
        """Return the logits; vision transformers give their prefix tokens beside the feature maps."""
        if isinstance(features[0], (list, tuple)):
            decoded = self.decoder(*features)
        else:
            decoded = self.decoder([features[0]] * self.skipped + list(features))
        logits: Tensor = self.head(decoded)
        return logits


class AdaptiveAveragePool(nn.Module):
    """`nn.AdaptiveAvgPool2d` as two matrix products, which can be exported for inputs of any size."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> (N, C, size, size): means over cells that may overlap by a pixel."""
        return self._means(x.shape[-2], x) @ x @ self._means(x.shape[-1], x).transpose(0, 1)

    def _means(self, length: int, like: Tensor) -> Tensor:
        cells = torch.arange(self.size, device=like.device)[:, None]
        start = cells * length // self.size
        end = ((cells + 1) * length + self.size - 1) // self.size
        pixels = torch.arange(length, device=like.device)[None]
        inside = (pixels >= start) & (pixels < end)
        return inside.to(like.dtype) / (end - start).to(like.dtype)


def make_pools_exportable(module: nn.Module) -> None:
    """Replace every `nn.AdaptiveAvgPool2d` to more than one cell by `AdaptiveAveragePool`, in place."""
    pools = [(name, part) for name, part in module.named_modules() if isinstance(part, nn.AdaptiveAvgPool2d)]
    for name, pool in pools:
        size = pool.output_size[0] if isinstance(pool.output_size, tuple) else pool.output_size
        if size is not None and size > 1:
            module.set_submodule(name, AdaptiveAveragePool(size))
