"""How many of the errors lie close to the boundaries of classes, where labels themselves are least certain."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperpoint.cube import BoolArray
from hyperpoint.types import IGNORE, LabelArray

BOUNDARY_WIDTH = 3


class BoundaryErrors:
    """Counts errors close to and away from class boundaries, pooled over any number of images.

    A pixel is close to a boundary if it is among the first `width` on either side of it. Boundaries are where pixels of
    two classes touch in the truth; the rim of an unlabelled area is none, for nobody says what begins there.

    Attributes
    ----------
    counts
        (2, 2) int64: rows are away and close, columns right and wrong.
    """

    def __init__(self, width: int = BOUNDARY_WIDTH) -> None:
        self.width = width
        self.counts: NDArray[np.int64] = np.zeros((2, 2), dtype=np.int64)

    def update(self, predicted: LabelArray, truth: LabelArray) -> None:
        """Count the pixels of one more image, both (H, W) uint8; those whose truth is 255 are not counted."""
        known = truth != IGNORE
        cases = 2 * close_to_boundary(truth, self.width)[known] + (predicted != truth)[known]
        self.counts += np.bincount(cases, minlength=4).reshape(2, 2)

    @property
    def share_of_errors(self) -> float:
        """Share of the errors that lie close to a boundary; NaN if there is none."""
        return _ratio(self.counts[1, 1], self.counts[:, 1].sum())

    @property
    def share_of_pixels(self) -> float:
        """Share of all pixels that lie close to a boundary: what the former would be if errors lay anywhere."""
        return _ratio(self.counts[1].sum(), self.counts.sum())

    @property
    def accuracy_close(self) -> float:
        """Share of the pixels close to a boundary that are right."""
        return _ratio(self.counts[1, 0], self.counts[1].sum())

    @property
    def accuracy_away(self) -> float:
        """Share of the other pixels that are right."""
        return _ratio(self.counts[0, 0], self.counts[0].sum())

    def to_dict(self) -> dict[str, Any]:
        """Return `width` in pixels and the shares as JSON-serialisable values; what is NaN becomes None."""
        names = ("share_of_errors", "share_of_pixels", "accuracy_close", "accuracy_away")
        values = {name: getattr(self, name) for name in names}
        return {"width": self.width, **{name: None if np.isnan(value) else value for name, value in values.items()}}


def close_to_boundary(truth: LabelArray, width: int = BOUNDARY_WIDTH) -> BoolArray:
    """Return which pixels of (H, W) are among the first `width` on either side of a boundary between two classes.

    The pixels that touch another class (above, below, left or right) are the first; others are close if one of these
    lies less than `width` away, by Euclidean distance.
    """
    import cv2

    touching = np.zeros(truth.shape, dtype=bool)
    for first, second in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differ = (truth[first] != truth[second]) & (truth[first] != IGNORE) & (truth[second] != IGNORE)
        touching[first] |= differ
        touching[second] |= differ
    if not touching.any():
        return touching
    distance = cv2.distanceTransform((~touching).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance < width)


def _ratio(part: Any, whole: Any) -> float:
    return float(part) / float(whole) if whole else float("nan")
