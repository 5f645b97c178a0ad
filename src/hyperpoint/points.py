"""Labelled pixels of a scene: what a person gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hyperpoint.cube import BoolArray, IndexArray
from hyperpoint.errors import PointsError

IGNORE = 255

LabelArray = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PointSet:
    """Labelled (and sampled but unlabelled) pixels of a scene, in pixels of the rgb grid.

    Parameters
    ----------
    rows, cols
        (n,) integers, 0-based.
    labels
        (n,) integers: class ids 0..254; 255 is a sampled point that nobody annotated.

    Raises
    ------
    PointsError
        If lengths differ, a coordinate is negative, a label is out of range, or a pixel bears two labels.
    """

    rows: IndexArray
    cols: IndexArray
    labels: LabelArray

    def __post_init__(self) -> None:
        rows, cols, labels = (
            _whole_numbers(part, name)
            for part, name in ((self.rows, "rows"), (self.cols, "cols"), (self.labels, "labels"))
        )
        if not len(rows) == len(cols) == len(labels):
            raise PointsError(
                f"rows, cols and labels must be equally long; got {len(rows)}, {len(cols)}, {len(labels)}"
            )
        if len(rows) and min(rows.min(), cols.min()) < 0:
            raise PointsError("a point has a negative row or column; both count from 0")
        if len(labels) and not 0 <= labels.min() <= labels.max() <= IGNORE:
            raise PointsError(
                f"a label must be 0..{IGNORE} ({IGNORE}: not annotated); got {labels.min()}..{labels.max()}"
            )
        rows, cols, labels = _without_repeats(rows, cols, labels)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "cols", cols)
        object.__setattr__(self, "labels", labels.astype(np.uint8))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_annotated(self) -> BoolArray:
        """(n,) bool: which points bear a label."""
        annotated: BoolArray = self.labels != IGNORE
        return annotated

    @property
    def annotated(self) -> PointSet:
        """The points that bear a label."""
        return self.subset(self.is_annotated)

    @property
    def unannotated(self) -> PointSet:
        """The points that were sampled but bear no label."""
        return self.subset(~self.is_annotated)

    @property
    def class_ids(self) -> LabelArray:
        """The ids that occur among the labels, ascending."""
        return np.unique(self.labels[self.is_annotated])

    def subset(self, which: NDArray[Any]) -> PointSet:
        """Return the points that `which` (a mask or indices) picks, in order."""
        return PointSet(self.rows[which], self.cols[which], self.labels[which])


def _whole_numbers(values: ArrayLike, name: str) -> IndexArray:
    array = np.asarray(values).ravel()
    if array.size == 0:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iuf" or (array.dtype.kind == "f" and not (array == np.floor(array)).all()):
        raise PointsError(f"{name} must be whole numbers; got {array.dtype} such as {array[0]!r}")
    return array.astype(np.int64)


def _without_repeats(
    rows: IndexArray, cols: IndexArray, labels: IndexArray
) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Keep the first of equal points; a pixel sampled and annotated counts as annotated."""
    order = np.lexsort((labels, cols, rows))  # IGNORE is the largest label, so an annotated twin comes first
    r, c, l = rows[order], cols[order], labels[order]  # noqa: E741
    same = (r[1:] == r[:-1]) & (c[1:] == c[:-1])
    clash = same & (l[1:] != l[:-1]) & (l[1:] != IGNORE)
    if clash.any():
        at = int(np.flatnonzero(clash)[0])
        raise PointsError(f"the pixel ({r[at]}, {c[at]}) bears two labels, {l[at]} and {l[at + 1]}; keep one of them")
    keep = np.sort(order[np.concatenate([[True], ~same])]) if len(rows) else order
    return rows[keep], cols[keep], labels[keep]
