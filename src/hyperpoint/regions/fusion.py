"""Fusion f_f: each superpixel takes the majority label of its points (paper, section 3.3, equation 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import FloatArray, IndexArray
from hyperpoint.types import IGNORE, LabelArray


class SuperpixelVote:
    """Counts votes and sums scores for each superpixel and class.

    Parameters
    ----------
    num_superpixels
        Superpixels are numbered 0..num_superpixels - 1.
    class_ids
        The classes that can be voted for; votes name a class by its position here.
    """

    def __init__(self, num_superpixels: int, class_ids: NDArray[np.integer]) -> None:
        self.class_ids = class_ids
        self._shape = (num_superpixels, len(class_ids))
        self._votes = np.zeros(self._shape, dtype=np.int64)
        self._scores = np.zeros(self._shape, dtype=np.float64)

    def add(self, superpixels: NDArray[np.integer], classes: NDArray[np.integer], scores: FloatArray) -> None:
        """Cast one vote for each of n pixels.

        Parameters
        ----------
        superpixels
            (n,) ids of the superpixels the pixels lie in.
        classes
            (n,) positions in `class_ids`.
        scores
            (n, num_classes), comparable between pixels; their sums break ties.
        """
        num_superpixels, num_classes = self._shape
        size = num_superpixels * num_classes
        first = superpixels.astype(np.int64) * num_classes
        self._votes += np.bincount(first + classes, minlength=size).reshape(self._shape)
        cells: IndexArray = (first[:, None] + np.arange(num_classes)).ravel()
        self._scores += np.bincount(cells, weights=scores.ravel(), minlength=size).reshape(self._shape)

    def decide(self) -> tuple[LabelArray, FloatArray]:
        """Return each superpixel's label and the share of its votes that this label has.

        Ties go to the class with the larger sum of scores, not to the smaller id. A superpixel without a vote gets
        `IGNORE` and a share of 0.

        Returns
        -------
        (num_superpixels,) uint8 and (num_superpixels,) float32.
        """
        most = self._votes.max(axis=1, initial=0)
        tied = self._votes == most[:, None]
        winner = np.where(tied, self._scores, -np.inf).argmax(axis=1)
        total = self._votes.sum(axis=1)
        labels = np.where(total > 0, self.class_ids[winner], IGNORE).astype(np.uint8)
        return labels, (most / np.maximum(total, 1)).astype(np.float32)
