"""What every segmentation network is: an encoder, a head, and perhaps an auxiliary head for training."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Weight of the auxiliary head's loss (Zhao et al., "Pyramid scene parsing network", CVPR 2017, section 3.3).
AUXILIARY_WEIGHT = 0.4


class SegmentationModel(nn.Module):
    """A network that gives logits at the size of its input, whatever that is.

    Inputs are padded at the lower and right edge to a multiple of `stride` by repeating the last pixels, and the logits
    are cut to the input's size.

    Parameters
    ----------
    name
        As `build_model` knows it.
    encoder
        Maps (N, in_channels, H, W) to what `head` takes: a sequence of feature maps, finest first.
    head
        Maps the features to logits (N, num_classes, h, w).
    stride
        H and W that the encoder takes are multiples of it.
    num_classes, in_channels
        Channels of the logits and of the input.
    upsample
        Whether the logits of `head` are coarser than the input and are to be brought to its size.
    auxiliary
        Maps the features to further coarse logits, used in training only.
    """

    def __init__(
        self,
        name: str,
        encoder: nn.Module,
        head: nn.Module,
        *,
        stride: int,
        num_classes: int,
        in_channels: int,
        upsample: bool = True,
        auxiliary: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.name, self.stride, self.upsample = name, stride, upsample
        self.num_classes, self.in_channels = num_classes, in_channels
        self.encoder, self.head, self.auxiliary = encoder, head, auxiliary

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits (N, num_classes, H, W) of a standardised batch (N, in_channels, H, W) float32."""
        padded = pad_to_multiple(x, self.stride)
        return self._to_size(self.head(self.encoder(padded)), padded, x, self.upsample)

    def forward_with_auxiliary(self, x: Tensor) -> tuple[Tensor, list[tuple[Tensor, float]]]:
        """Return the logits, and those of each auxiliary head with the weight of its loss; parameters as `forward`."""
        padded = pad_to_multiple(x, self.stride)
        features = self.encoder(padded)
        logits = self._to_size(self.head(features), padded, x, self.upsample)
        if self.auxiliary is None:
            return logits, []
        return logits, [(self._to_size(self.auxiliary(features), padded, x, True), AUXILIARY_WEIGHT)]

    @staticmethod
    def _to_size(logits: Tensor, padded: Tensor, x: Tensor, upsample: bool) -> Tensor:
        if upsample:
            logits = nn.functional.interpolate(logits, size=padded.shape[-2:], mode="bilinear", align_corners=False)
        return logits[..., : x.shape[-2], : x.shape[-1]]


def pad_to_multiple(x: Tensor, stride: int) -> Tensor:
    """Repeat the last row and column of (N, C, H, W) until H and W are multiples of `stride`."""
    rows, cols = -x.shape[-2] % stride, -x.shape[-1] % stride
    # An exported network pads whatever its size is later, so that no size is built into it.
    is_traced = torch.jit.is_tracing()  # type: ignore[attr-defined, no-untyped-call]
    if not (is_traced or torch.compiler.is_exporting()) and rows == 0 and cols == 0:
        return x
    return nn.functional.pad(x, (0, cols, 0, rows), mode="replicate")
