"""What all patch networks share: patches while training, whole blocks of an image when predicting."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor, nn

# Memory that the features of a block, and the patches that are classified at a time, may take.
FEATURE_BYTES = 256 << 20
PATCH_BYTES = {"cpu": 64 << 20, "cuda": 2 << 30}


class PatchNetwork(nn.Module):
    """A network that classifies the pixel in the middle of a patch of `width` x `width` pixels.

    It has two stages. `features` treats all positions alike and pads nothing, so that it may be computed once for a
    whole block instead of once for each of the overlapping patches; `classify` takes what `features` leaves of a patch.
    A network for which nothing can be shared leaves `features` as it is.

    Attributes
    ----------
    width
        Pixels across a patch, odd.
    window
        Pixels across what `features` leaves of one.
    feature_bytes, patch_bytes
        About how much memory `features` takes for a pixel, and `classify` for a patch.
    """

    def __init__(self, width: int, num_channels: int, window: int | None = None) -> None:
        super().__init__()
        self.width, self.window = width, width if window is None else window
        self.feature_bytes = 4 * num_channels
        self.patch_bytes = 3 * 4 * num_channels * width * width

    def features(self, x: Tensor) -> Tensor:
        """(N, num_channels, h, w) -> (N, num_features, h - width + window, w - width + window)."""
        return x

    @abstractmethod
    def classify(self, windows: Tensor, centres: Tensor) -> Tensor:
        """Return logits (N, num_classes).

        Parameters
        ----------
        windows
            (N, num_features, window, window): of each patch, what `features` leaves.
        centres
            (N, num_channels): of each patch, the pixel in the middle as it came in.
        """

    def forward(self, patches: Tensor) -> Tensor:
        """(N, num_channels, width, width) -> logits (N, num_classes)."""
        middle = self.width // 2
        return self.classify(self.features(patches), patches[:, :, middle, middle])

    def label(self, block: Tensor, stride: int = 1) -> Tensor:
        """Classify the pixels of a block, or every `stride`-th of them down and across.

        Parameters
        ----------
        block
            (num_channels, rows + width - 1, cols + width - 1): the pixels with a margin of `width` // 2 around them.

        Returns
        -------
        (ceil(rows / stride), ceil(cols / stride)) uint8: the columns of the largest logits.
        """
        num_rows = -(-(block.shape[1] - self.width + 1) // stride)
        part = max(1, FEATURE_BYTES // (self.feature_bytes * block.shape[2] * stride))
        found = []
        for first in range(0, num_rows, part):
            num = min(part, num_rows - first)
            rows = block[:, first * stride : (first + num - 1) * stride + self.width]
            found.append(self._label_at_once(rows, stride))
        return torch.cat(found)

    def _label_at_once(self, block: Tensor, stride: int) -> Tensor:
        windows = self.features(block[None])[0].unfold(1, self.window, stride).unfold(2, self.window, stride)
        margin = self.width // 2
        centres = block[:, margin : block.shape[1] - margin : stride, margin : block.shape[2] - margin : stride]
        shape = windows.shape[1:3]
        found = [
            self.classify(windows[:, rows, cols].transpose(0, 1).contiguous(), centres[:, rows, cols].T).argmax(dim=1)
            for rows, cols in self._positions(windows)
        ]
        return torch.cat(found).to(torch.uint8).view(shape)

    def _positions(self, windows: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the rows and columns of as many windows, (features, rows, cols, ...), as are classified at a time."""
        rows, cols = windows.shape[1:3]
        size = max(1, PATCH_BYTES[windows.device.type] // self.patch_bytes)
        for first in range(0, rows * cols, size):
            at = torch.arange(first, min(first + size, rows * cols), device=windows.device)
            yield at // cols, at % cols
