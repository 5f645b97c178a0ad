"""What a network is trained to make small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from segmentation_models_pytorch.losses import DiceLoss, LovaszLoss
from torch import Tensor, nn

from hyperpoint.cube import FloatArray
from hyperpoint.types import IGNORE

# Paszke et al., "ENet", 2016, section 5.2: keeps the weights between 1.4 and 50, however rare a class is.
_ENET_OFFSET = 1.02


class SegmentationLoss(nn.Module):
    """The sum of one or more losses over the labelled pixels of a batch.

    Cross-entropy is a mean in which each pixel weighs as its class and its confidence say; soft Dice and Lovász-softmax
    (Berman et al., CVPR 2018) are taken over the classes of the batch.

    Parameters
    ----------
    terms
        "cross-entropy", "dice", "lovasz".
    class_weights
        (num_classes,) for the cross-entropy; None: all alike.
    """

    class_weights: Tensor | None

    def __init__(self, terms: Sequence[str], class_weights: FloatArray | None = None) -> None:
        super().__init__()
        self._terms = tuple(terms)
        self.register_buffer(
            "class_weights", None if class_weights is None else torch.from_numpy(class_weights), persistent=False
        )
        self._others = {"dice": DiceLoss("multiclass", ignore_index=IGNORE),
                        "lovasz": LovaszLoss("multiclass", ignore_index=IGNORE)}  # fmt: skip

    def forward(self, logits: Tensor, label: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the loss, a scalar; 0 if no pixel is labelled.

        Parameters
        ----------
        logits
            (N, num_classes, H, W).
        label
            (N, H, W) int64, 255 = ignore.
        weight
            (N, H, W) in [0, 1]: how much each pixel counts in the cross-entropy.
        """
        logits = logits.float()
        total = logits.new_zeros(())
        for term in self._terms:
            if term == "cross-entropy":
                total = total + self._cross_entropy(logits, label, weight)
            elif (label != IGNORE).any():
                total = total + self._others[term](logits, label)
        return total

    def _cross_entropy(self, logits: Tensor, label: Tensor, weight: Tensor | None) -> Tensor:
        there = label != IGNORE
        pixel_weights = there.float() if weight is None else there * weight
        if self.class_weights is not None:
            pixel_weights = pixel_weights * self.class_weights[label * there]
        losses = nn.functional.cross_entropy(logits, label, ignore_index=IGNORE, reduction="none")
        return (losses * pixel_weights).sum() / pixel_weights.sum().clamp_min(torch.finfo(torch.float32).tiny)


def balanced_weights(pixels: NDArray[np.int64]) -> FloatArray:
    """Return a weight for each class, the larger the rarer it is: 1 / ln(1.02 + its share of the pixels).

    Paszke et al., "ENet", 2016, section 5.2.

    Parameters
    ----------
    pixels
        (num_classes,): labelled pixels of each class in the training images.
    """
    shares = pixels / max(1, pixels.sum())
    return np.asarray(1 / np.log(_ENET_OFFSET + shares), dtype=np.float32)
